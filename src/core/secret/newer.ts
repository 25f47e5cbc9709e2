import { holdsLogins } from './docker-config.ts';
import { longestLifeMs } from './token.ts';

/** A pull secret as its metadata describe it. */
export type Described = {
  managedByUs: boolean;
  /** Hosts that it holds a login for. */
  registries: readonly string[];
  /** As the annotation has it. */
  expiresAtMs: number | undefined;
};

/** What is to be written. */
export type Wanted = { hosts: readonly string[]; expiresAtMs: number };

/** How far the clock of whoever wrote it may be from ours. */
const slackMs = 60 * 60_000;

/**
 * Whether a secret says of itself that another instance of this program, a CronJob perhaps, was here after us: never an
 * older token over a newer one. One that lacks a registry of ours is not newer, however long its tokens live: with it, pods
 * could not pull. It may say so without being so: whoever may edit it writes what they like beside the data.
 */
export function seemsNewer(existing: Described, wanted: Wanted, nowMs: number): boolean {
  const expiresAtMs = existing.expiresAtMs ?? 0;
  return (
    existing.managedByUs &&
    expiresAtMs > wanted.expiresAtMs &&
    expiresAtMs <= nowMs + longestLifeMs + slackMs &&
    wanted.hosts.every((host) => existing.registries.includes(host))
  );
}

/**
 * Whether it is: the data count, whoever wrote the note beside them.
 * @param data base64, as in the secret's `data`.
 */
export function isNewer(existing: Described & { data: string | undefined }, wanted: Wanted, nowMs: number): boolean {
  return seemsNewer(existing, wanted, nowMs) && holdsLogins(existing.data, wanted.hosts);
}
