import type { ErrorName } from './errors.ts';
import type { NonsenseName } from './nonsense.ts';

/** Which service answered, with which action; the region is the one that the request was signed for. */
export type CallSite = { service: ServiceName; action: string; region: string };
export type ServiceName = 'ecr' | 'ecr-public' | 'sts' | 'container-credentials' | 'imds';

/** What happens instead of the right answer, or before it (`delayMs`). */
export type Effect =
  | { error: ErrorName; message?: string }
  | { skew: 'expired' | 'notYetCurrent' }
  | { status: number; body?: string; headers?: Record<string, string> }
  | { nonsense: NonsenseName }
  | { hang: true }
  | { reset: true | 'midBody' }
  | { delayMs: number };

/** A fault is data: whom it meets, how often (for ever where `times` is absent), and its effect. */
export type Fault = { match?: Partial<CallSite>; times?: number; effect: Effect };

/** The faults that stand. The first one that matches a call is the one that happens. */
export class Faults {
  #standing: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#standing.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#standing = [];
  }

  /** The effect that a call meets, which counts as one of the fault's times. */
  take(site: CallSite): Effect | undefined {
    const entry = this.#standing.find(({ fault, left }) => left > 0 && matches(fault.match ?? {}, site));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault.effect;
  }
}

function matches(match: Partial<CallSite>, site: CallSite): boolean {
  return (
    (match.service ?? site.service) === site.service &&
    (match.action ?? site.action) === site.action &&
    (match.region ?? site.region) === site.region
  );
}
