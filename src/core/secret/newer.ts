import { holdsLogins } from './docker-config.ts';
import { longestLifeMs } from './token.ts';
import type { Moment } from '../api/machine.ts';

/** A pull secret as its metadata describe it. */
export type Described = {
  managedByUs: boolean;
  /** Hosts that it holds a login for. */
  registries: readonly string[];
  /** As the annotation has it. */
  expiresAtMs: number | undefined;
};

/** What is to be written. */
export type Wanted = {
  hosts: readonly string[];
  expiresAtMs: number;
  /** When its tokens came. */
  gotAt: Moment;
};

/** What two tokens of the same moment may differ by. */
const slackMs = 5 * 60_000;

/**
 * Whether a secret says of itself that another instance of this program, a CronJob perhaps, was here after us: never an
 * older token over a newer one. A token that was issued by now outlives ours by no more than the time that has passed since
 * ours came, whatever anybody's clock is set to; where ours is a short one, twelve hours from now are the most. One that lacks a registry of ours is not newer, however long its tokens live: with it,
 * pods could not pull. It may say so without being so: whoever may edit it writes what they like beside the data.
 */
export function seemsNewer(existing: Described, wanted: Wanted, now: Moment): boolean {
  const { hosts, gotAt } = wanted;
  const sinceMs = Math.max(0, now.wallMs - gotAt.wallMs, now.steadyMs - gotAt.steadyMs);
  const mostMs = Math.max(wanted.expiresAtMs + sinceMs, now.wallMs + longestLifeMs) + slackMs;
  const expiresAtMs = existing.expiresAtMs ?? 0;
  return (
    existing.managedByUs &&
    expiresAtMs > wanted.expiresAtMs &&
    expiresAtMs <= mostMs &&
    hosts.every((host) => existing.registries.includes(host))
  );
}

/**
 * Whether it is: the data count, whoever wrote the note beside them.
 * @param existing with its `data` in base64.
 */
export function isNewer(existing: Described & { data: string | undefined }, wanted: Wanted, now: Moment): boolean {
  return seemsNewer(existing, wanted, now) && holdsLogins(existing.data, wanted.hosts);
}
