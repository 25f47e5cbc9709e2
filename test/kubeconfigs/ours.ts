import { findConnection } from '../../src/adapters/kubernetes/connect.ts';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { apiStatus, whyNot } from '../../src/core/api/reply.ts';
import type { Placed } from './stage.ts';
import { quietHost } from '../support/child-host.ts';

export type Outcome = { is: string; says: string; userInfo?: unknown };

/** What this program makes of a kubeconfig. */
export async function ours({ env, variable, kubeconfig, context }: Placed): Promise<Outcome> {
  const found = await findConnection({
    kubeconfig: kubeconfig ?? variable,
    context,
    env,
    homeDirectory: env['HOME'] ?? '',
    serviceAccountDirectory: '/none',
    nowMs: Date.now,
    learn: () => undefined,
    ...quietHost,
  });
  if (!found.ok) return { is: 'file', says: `${found.failure.where} ${found.failure.why}` };
  const transport = createTransport(found.value, {
    timeoutMs: 10_000,
    concurrency: 1,
    userAgent: 'test',
    nowMs: Date.now,
  });
  try {
    const reply = await transport.request(
      {
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        body: JSON.stringify({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' }),
      },
      AbortSignal.timeout(20_000),
    );
    const says = whyNot(reply);
    if (reply.kind === 'broken') {
      const { cause } = reply;
      if (cause === 'CredentialsFailed') return { is: 'plugin', says };
      return { is: cause === 'TlsUntrusted' ? 'untrusted' : 'broken', says };
    }
    if (reply.status === 401) return { is: 'unauthorized', says };
    if (/User "system:anonymous"/.test(apiStatus(reply.body).message)) return { is: 'anonymous', says };
    if (reply.status !== 201) return { is: `HTTP ${reply.status}`, says };
    const { userInfo } = (reply.body as { status: { userInfo: { username: string } } }).status; // a SelfSubjectReview
    return { is: userInfo.username, says: '', userInfo };
  } finally {
    transport.close();
  }
}

// In a process of its own, where a row is about what the process has from the start.
if (import.meta.main) process.stdout.write(JSON.stringify(await ours(JSON.parse(process.argv[2] ?? '') as Placed)));
