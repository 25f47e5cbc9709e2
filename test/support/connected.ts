import { findConnection } from '../../src/adapters/kubernetes/connect.ts';
import type { Connection } from '../../src/adapters/kubernetes/connection.ts';
import { failureLine } from '../../src/core/failures/errors.ts';
import { quietHost } from './child-host.ts';

/** The cluster of a kubeconfig's current context. @throws Error where it cannot be told. */
export async function connectionOf(kubeconfig: string): Promise<Connection> {
  const connection = await findConnection({
    kubeconfig,
    env: {},
    homeDirectory: '/nonexistent',
    serviceAccountDirectory: '/nonexistent',
    ...quietHost,
    nowMs: Date.now,
    learn: () => undefined,
  });
  if (!connection.ok) throw new Error(failureLine(connection.failure));
  return connection.value;
}
