/** A plethysmogram of two colours, made up: a beat of two waves, and how much of each colour it takes away. */

/** Share of the infrared light that a beat takes: a finger with good perfusion. */
const PERFUSION = 0.02;

/** How much of a beat's wave there is at a moment in s: 0 between beats, 1 at its top. */
export function wave(seconds: number, pulse: number): number {
  const phase = ((((seconds * pulse) / 60) % 1) + 1) % 1;
  return Math.min(1, bump(phase, 0.2, 0.09) + 0.35 * bump(phase, 0.52, 0.12));
}

/** The part of the light that comes back of each colour. For the red one from SpO2 = 110 - 25 R turned round: see docs/devices/max30102.md. */
export function light(
  seconds: number,
  { pulse, spo2 }: { pulse: number; spo2: number },
): [red: number, infrared: number] {
  const taken = PERFUSION * wave(seconds, pulse);
  return [1 - ((110 - spo2) / 25) * taken, 1 - taken];
}

function bump(phase: number, at: number, width: number): number {
  return Math.exp(-(((phase - at) / width) ** 2));
}
