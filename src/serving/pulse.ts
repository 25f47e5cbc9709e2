/** When each part of the process goes on at the latest, milliseconds by the steady clock. */
export type Pulse = {
  /** @returns to be told, by this part, until when it may rest or work; infinite where something else watches over that. */
  part(name: string): Beat;
  /** The part that should have gone on long ago; undefined where all is as it should be. */
  late(nowMs: number): string | undefined;
};

export type Beat = (untilMs: number) => void;

/** A busy machine may be so late; a part that is later was forgotten. */
const patienceMs = 60_000;

/** Knows of no part yet. */
export function createPulse(): Pulse {
  const untilMs = new Map<string, number>();
  return {
    part: (name) => (until) => void untilMs.set(name, until),
    late(nowMs) {
      const found = [...untilMs].find(([, until]) => until + patienceMs < nowMs);
      return found?.[0];
    },
  };
}
