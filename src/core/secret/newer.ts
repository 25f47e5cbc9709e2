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

/**
 * Whether a secret says of itself that another instance of this program, a CronJob perhaps, was here after us: never an
 * older token over a newer one. Whatever anybody's clock is set to, no token outlives ours by more than the time since ours
 * came and the longest life of one. A secret that lacks a registry of ours is not newer, however long its tokens live: with
 * it, pods could not pull. It may say so without being so: whoever may edit it writes what they like beside the data.
 */
export function seemsNewer(existing: Described, wanted: Wanted, now: Moment): boolean {
  const { hosts, gotAt } = wanted;
  const sinceMs = Math.max(0, now.wallMs - gotAt.wallMs, now.steadyMs - gotAt.steadyMs);
  const laterMs = (existing.expiresAtMs ?? 0) - wanted.expiresAtMs;
  return (
    existing.managedByUs &&
    laterMs > 0 &&
    laterMs <= sinceMs + longestLifeMs &&
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
