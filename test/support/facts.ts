import type { Facts } from '../../src/core/controller/watch-events.ts';

/** What a watch keeps of a namespace of that name, or of what else has such facts. */
export function factsOf(name: string, changes: Partial<Facts> = {}): Facts {
  return {
    name,
    namespace: '',
    uid: 'one',
    resourceVersion: '10',
    terminating: false,
    managedByUs: false,
    registries: [],
    expiresAtMs: undefined,
    ...changes,
  };
}
