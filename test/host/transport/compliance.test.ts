import { faulty } from "../../../host/transport/faulty.js";
import { trace } from "../../../host/transport/trace.js";
import { transportCompliance } from "../../compliance/transport.js";
import { memoryRig, serialRig, tcpRig, udpRig } from "./rigs.js";

transportCompliance("TCP", tcpRig);
transportCompliance("UDP", udpRig);
transportCompliance("serial", serialRig);
transportCompliance("memory", memoryRig);
transportCompliance("traced", async () => {
  const rig = await tcpRig();
  return { ...rig, transport: trace(rig.transport, () => undefined) };
});
transportCompliance("faulty, without faults,", async () => {
  const rig = await tcpRig();
  return { ...rig, transport: faulty(rig.transport, {}) };
});
