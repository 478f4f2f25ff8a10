/** The part of a board's configuration that the simulator must know: what hangs where. */

export interface SerialLink {
  uart: string;
  baud: number;
  /** Of the terminal, on a PC. */
  path?: string;
  trusted?: boolean;
}

export interface NetworkLink {
  port: number;
  insecure?: boolean;
}

/** On a UART, or on pins alone. */
export interface DeviceConfig {
  driver: string;
  uart?: string;
  baud?: number;
  flow?: string;
  pins?: Record<string, string>;
  path?: string;
  [setting: string]: unknown;
}

export interface BusConfig {
  /** I2C1, SPI1. */
  port: string;
  cs?: string[];
  [option: string]: unknown;
}

export interface EndpointConfig {
  service: string;
  device: string;
  port: number;
  [option: string]: unknown;
}

export interface BoardConfig {
  board: string;
  name?: string;
  key?: string;
  links?: { tcp?: NetworkLink; udp?: NetworkLink; serial?: SerialLink };
  devices?: Record<string, DeviceConfig>;
  buses?: Record<string, BusConfig>;
  endpoints?: EndpointConfig[];
  [other: string]: unknown;
}
