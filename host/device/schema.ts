/** What boards say, checked: a record that is not as protocols/service has it is refused, not believed. */
import { z } from "zod";
import type { BoardInfo, CameraStatus, JobRecord, PrinterStatus, SensorStatus } from "../../protocols/service/index.js";
import { remedied } from "../remedies.js";

const count = z.number().min(0);
const byte = z.int().min(0).max(255);
const answer = z.int().min(-1).max(255);

export const printerStatus: z.ZodType<PrinterStatus> = z.looseObject({
  answers: z.boolean().nullable(),
  asb: z.tuple([byte, byte, byte, byte]).nullable(),
  eot: z.tuple([answer, answer, answer]),
  busy: z.boolean(),
  jobs: count,
  taken: count,
  lost: count,
});

export const jobRecord: z.ZodType<JobRecord> = z.looseObject({
  ahead: count.optional(),
  from: count.optional(),
  taken: count.optional(),
  sent: z.looseObject({ least: count, most: count.nullable() }).optional(),
  gap: z.looseObject({ cause: z.string(), bytes: count.nullable() }).optional(),
  status: printerStatus.optional(),
  done: z.literal(true).optional(),
  failed: z.string().optional(),
  accepted: count.optional(),
});

export const sensorStatus: z.ZodType<SensorStatus> = z.looseObject({
  driver: z.string(),
  rate: count,
  running: z.boolean(),
  readers: count,
  answers: z.boolean().nullable(),
  units: count,
  lost: count,
  gaps: count,
  rings: z.record(z.string(), z.tuple([count, count])),
});

export const cameraStatus: z.ZodType<CameraStatus> = z.looseObject({
  driver: z.string(),
  answers: z.boolean().nullable(),
  size: z.string(),
  sizes: z.array(z.string()),
  images: count,
  broken: count,
  bytes: count,
});

export const boardInfo: z.ZodType<BoardInfo> = z.looseObject({
  name: z.string(),
  board: z.string(),
  firmware: z.string(),
  uptime: count,
  memory: z.looseObject({ free: count, total: count }),
  devices: z.array(
    z.looseObject({
      name: z.string(),
      driver: z.string(),
      services: z.array(z.string()),
      status: z.union([printerStatus, sensorStatus, cameraStatus]),
    }),
  ),
  peers: z
    .array(
      z.looseObject({
        name: z.string(),
        state: z.enum(["idle", "dialling", "open", "lost"]),
        sockets: count,
        why: z.string().transform(remedied),
      }),
    )
    .optional(),
  counters: z.record(z.string(), count),
});
