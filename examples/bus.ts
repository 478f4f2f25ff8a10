/**
 * Transactions on a board's buses: an EEPROM on I2C, the identification of a flash on SPI.
 *
 *     npx devsock sim --tcp 9180 --bus i2c0=24c02 --bus spi0=w25q80
 *     npx tsx examples/bus.ts tcp://127.0.0.1:9180
 */
import { connect } from "../host/index.js";

const [address = "tcp://127.0.0.1:9180"] = process.argv.slice(2);

await using board = await connect(address);
await using i2c = board.bus("i2c0");
await i2c.transfer({ address: 0x50, write: Buffer.from("\0hello") });
// The chip acknowledges nothing while it writes, for 5 ms at most.
await new Promise((resolve) => setTimeout(resolve, 5));
console.log("the EEPROM holds", String(await i2c.transfer({ address: 0x50, write: Buffer.of(0), read: 5 })));

await using spi = board.bus("spi0");
console.log("the flash is", await spi.transfer({ write: Buffer.of(0x9f), read: 3 }));
