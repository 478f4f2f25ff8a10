/** A budget in words, for people. */
import type { BoardSpec } from "../../boards/index.js";
import { MOST_TIME } from "./budget.js";
import type { Budget } from "./budget.js";

export function describeBudget(budget: Budget, board: BoardSpec): string[] {
  const { shares, time, turn, fill, room, printed } = budget;
  if (board.mhz === 0) return [`${board.id} is a PC: it has time for all of it`];
  const parts = shares.map((share) => `${share.name} ${Math.round(share.time)} %`).join(", ");
  const lines = [
    `time: ${Math.round(time)} % of ${board.id}, ${MOST_TIME} % is the most (${parts})`,
    `queue: ${fill} of ${room} bytes while the board is busy, for ${Math.round(turn)} ms at the most`,
  ];
  if (printed > 0) lines.push(`printing: ${Math.round(printed / 100) / 10} KB/s in what is left`);
  return lines;
}
