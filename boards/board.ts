/** What the firmware, the simulator and the host have to know of a kind of board. */
export interface BoardSpec {
  /** Name in `--board` and in configurations. */
  id: string;
  /** TCP: bytes the interpreter takes or gives in one idle turn. */
  chunk: number;
  /** UDP: longest datagram that is not cut, in bytes. */
  datagram: number;
  /** Serial link: longest payload of a frame; on the wire the longest that an alarm waits. */
  serialPayload: number;
  /** Items of the transmit ring that all UARTs share. */
  transmitRing: number;
  /** Sequenced frames kept while one before them is missing. */
  window: number;
  /** Sessions at once, on TCP and on UDP each. */
  sessions: number;
}
