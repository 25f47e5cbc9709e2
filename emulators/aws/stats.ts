import type { CallSite } from './faults.ts';

/** One request that was answered (or was made to hang or break, where `status` is 0). */
export type Call = CallSite & { accessKeyId: string; status: number };

const KEPT = 10_000;

/** What was asked of the emulator: counts for ever, and the last 10,000 calls with their details. */
export class Stats {
  readonly calls: Call[] = [];
  readonly byAction: Record<string, number> = {};

  record(call: Call): void {
    this.calls.push(call);
    if (this.calls.length > KEPT) this.calls.shift();
    this.byAction[call.action] = this.count(call.action) + 1;
  }

  /** How often an action was called since the start or the last reset. */
  count(action: string): number {
    return this.byAction[action] ?? 0;
  }

  reset(): void {
    this.calls.length = 0;
    for (const action of Object.keys(this.byAction)) delete this.byAction[action];
  }
}
