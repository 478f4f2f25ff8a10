/** SOCK_RAW to an I2C or SPI bus: transactions that take turns with the drivers of chips on it. */
import { byte, fromText, join, slice, u8 } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Result, Transaction } from "../../protocols/service/transaction.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Bus } from "../io/bus.js";
import { denied } from "./lease.js";
import type { Start } from "./transaction.js";

/** ms that a transaction waits for whoever has the bus. */
const PATIENCE = 5000;

/** @param sockets whose they are @later transaction */
export function onBus(bus: Bus, name: string, sockets: Sockets): Start {
  return (request, done) => {
    let over = false;
    const fail = (failure: Failure): void => {
      over = true;
      done(join(byte(Result.failed), fromText(failure)));
    };
    const size = request.length - Transaction.busHeader;
    const read = size < 0 ? 0 : u8(request, 1);
    if (size < 0 || !(size + read))
      fail("EINVAL: a transaction is an address (1), bytes to read (1), and what to write: one byte or more in all");
    else if (size + read > Transaction.most) fail("EMSGSIZE: a transaction has 255 bytes at the most");
    else if (denied(name, sockets)) fail(denied(name, sockets));
    if (over) return () => {};
    const timer = setTimeout(() => fail("ETIMEDOUT: a driver has had " + name + " for 5 s"), PATIENCE);
    const turn = (): void => {
      if (!over) {
        clearTimeout(timer);
        over = true;
        const data = bus.transfer(u8(request, 0), slice(request, Transaction.busHeader, request.length), read);
        if (bus.failure) fail(bus.failure);
        else done(join(byte(Result.whole), data));
      }
      bus.release();
    };
    if (!bus.take(turn)) {
      clearTimeout(timer);
      fail("EAGAIN: too many wait for " + name);
    }
    return () => {
      if (!over) clearTimeout(timer);
      over = true;
    };
  };
}
