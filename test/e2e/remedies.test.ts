import { Eeprom } from "../../simulator/peripheral/memory/eeprom.js";
import { Rig, withFirmware } from "./rig.js";

const EEPROM = 0x50;

// A board says in few words what is wrong: docs/decisions/0018-remedies.md.
describe("end to end: what a host's user reads says what to do", function () {
  this.timeout(20_000);
  withFirmware();

  it("of a session: a board's key is another one", async () => {
    const rig = new Rig({ key: Buffer.alloc(32, 1) });
    const other = { key: Buffer.alloc(32, 2) };
    const words = /^EACCES: that is not this board's key; give the file that holds it$/;
    await rig.rejected(rig.connect("tcp", undefined, other), "EACCES", words);
  });

  it("of a socket: a session has no more", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    for (let i = 0; i < 8; i++) await rig.during(host.open(":discard"));
    await rig.rejected(host.open(":info"), "EMFILE", /^EMFILE: all 8 sockets of this session are in use; close one$/);
  });

  it("of a bus: nobody answers, and a line is held low", async () => {
    const chip = new Eeprom();
    const rig = new Rig({ config: { buses: { i2c0: { port: "I2C1" } } }, chips: { i2c0: [chip] } });
    const bus = (await rig.connect("tcp")).bus("i2c0");
    const silent = /^ENXIO: no chip answers at address 81; check the address, the supply and the wires$/;
    await rig.rejected(bus.transfer({ address: EEPROM + 1, read: 1 }), "ENXIO", silent);
    chip.stuck = true;
    const held = /^ETIMEDOUT: the bus is held low; .* take the chips' supply away and give it back$/;
    await rig.rejected(bus.transfer({ address: EEPROM, write: "\0", read: 1 }), "ETIMEDOUT", held);
  });

  it("of a device: a printer is off", async () => {
    const rig = new Rig();
    rig.board.wires["printer0"]!.unplug();
    const printer = (await rig.connect("tcp")).printer("printer0");
    const off = /^EHOSTDOWN: printer0 does not answer; is it on, are both data wires connected, is its baud right\?$/;
    await rig.rejected(printer.print(Buffer.from("a receipt\n")), "EHOSTDOWN", off);
  });
});
