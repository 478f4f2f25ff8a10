import assert from "node:assert/strict";
import { formatAddress, parseAddress, transportFor } from "../../host/index.js";
import type { Address, DevsockError } from "../../host/index.js";

describe("an address", () => {
  const right: [string, Address][] = [
    ["tcp://192.168.1.20:9180", { kind: "tcp", host: "192.168.1.20", port: 9180 }],
    ["tcp://frontdesk", { kind: "tcp", host: "frontdesk", port: 9180 }],
    ["udp://front-desk.local:1", { kind: "udp", host: "front-desk.local", port: 1 }],
    ["TCP://Host:65535/", { kind: "tcp", host: "Host", port: 65535 }],
    ["tcp://[fe80::1]:9180", { kind: "tcp", host: "fe80::1", port: 9180 }],
    ["udp://[::1]", { kind: "udp", host: "::1", port: 9180 }],
    ["serial:/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0", baud: 115200 }],
    ["serial:/dev/ttyUSB0?baud=9600", { kind: "serial", path: "/dev/ttyUSB0", baud: 9600 }],
    ["serial:///dev/pts/3?baud=230400", { kind: "serial", path: "/dev/pts/3", baud: 230400 }],
    ["serial:COM3", { kind: "serial", path: "COM3", baud: 115200 }],
  ];
  for (const [text, address] of right)
    it(`${text} is read, and written back the same`, () => {
      assert.deepEqual(parseAddress(text), address);
      assert.deepEqual(parseAddress(formatAddress(address)), address);
    });

  const wrong: [string, RegExp][] = [
    ["", /does not say which link/],
    ["frontdesk", /does not say which link/],
    ["192.168.1.20:9180", /does not say which link/],
    ["http://frontdesk", /there is no link "http"/],
    ["tcp:frontdesk", /should be a host/],
    ["tcp://", /should be a host/],
    ["tcp://a b", /should be a host/],
    ["tcp://host/path", /should be a host/],
    ["tcp://user@host", /should be a host/],
    ["tcp://host:0", /from 1 to 65535/],
    ["tcp://host:65536", /from 1 to 65535/],
    ["tcp://host:", /from 1 to 65535/],
    ["udp://host:x", /should be a host/],
    ["tcp://fe80::1", /should be a host/],
    ["serial:", /names no serial port/],
    ["serial:/dev/ttyS0?baud=fast", /baud is a number/],
    ["serial:/dev/ttyS0?baud=1", /baud is a number/],
    ["serial:/dev/ttyS0?speed=9600", /"speed" is not a setting/],
  ];
  for (const [text, why] of wrong)
    it(`"${text}" is refused, with the reason and the forms that are right`, () => {
      const check = (error: DevsockError): true => {
        assert.equal(error.code, "EINVAL");
        assert.match(error.message, why);
        assert.match(error.message, /tcp:\/\/HOST.*udp:\/\/HOST.*serial:\/dev\/ttyX/);
        return true;
      };
      assert.throws(() => transportFor(text), check);
    });
});
