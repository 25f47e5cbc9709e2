/** A pull secret as its metadata describe it. */
export type Described = {
  managedByUs: boolean;
  /** Hosts that it holds a login for. */
  registries: readonly string[];
  /** In whole seconds, as the annotation has it. */
  expiresAtMs: number | undefined;
};

/** What is to be written. */
export type Wanted = { hosts: readonly string[]; expiresAtMs: number };

/**
 * Whether another instance of this program, a CronJob perhaps, was here after us: never an older token over a newer one.
 * A secret that lacks a registry of ours is not newer, however long its tokens live: with it, pods could not pull.
 */
export function isNewer(existing: Described, wanted: Wanted): boolean {
  return (
    existing.managedByUs &&
    (existing.expiresAtMs ?? 0) > wanted.expiresAtMs &&
    wanted.hosts.every((host) => existing.registries.includes(host))
  );
}
