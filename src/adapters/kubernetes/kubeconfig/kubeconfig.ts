import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, text } from '../../../core/api/reply.ts';
import { failure, type Result } from '../../../core/failures/errors.ts';
import { namesSecret } from '../../../core/text/redact.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import { rereadCredentials } from './credential-cache.ts';
import type { Connection } from '../connection.ts';
import { proxyIn, serverIn } from './cluster.ts';
import { chooseContext, contextsIn } from './file.ts';
import { userOf, type Surroundings } from './user.ts';

/** The file kubectl reads where nothing else is named, if it is there. */
export function defaultKubeconfig(homeDirectory: string): string | undefined {
  const path = join(homeDirectory, '.kube', 'config');
  return existsSync(path) ? path : undefined;
}

/** The contexts that can be named; none where no kubeconfig can be read. */
export function contextNames(paths: string | undefined, { homeDirectory }: { homeDirectory: string }): string[] {
  const read = contextsIn(paths || defaultKubeconfig(homeDirectory) || '');
  return read.ok ? read.value : [];
}

export type KubeconfigSettings = Surroundings & { context?: string | undefined };

/**
 * The connection of a kubeconfig's context. Certificates and token files are read again as they rotate.
 * @param paths a list as in `KUBECONFIG`.
 * @returns `KubeconfigInvalid` or `ProxyInvalid`. A plugin runs with the first request, and fails with it.
 */
export async function kubeconfigConnection(paths: string, settings: KubeconfigSettings): Promise<Result<Connection>> {
  const chosen = chooseContext(paths, settings.context);
  if (!chosen.ok) return invalid(chosen.file, chosen.why);
  const { cluster, user, namespace } = chosen.value;
  learnFrom(user.fields, settings.learn);
  let { file } = cluster;
  try {
    const server = serverIn(cluster, user);
    const proxy = proxyIn(cluster, server, settings.env);
    if (!proxy.ok) return proxy;
    ({ file } = user);
    const { read, issuer, anonymous } = await userOf(chosen.value, server, settings);
    return {
      ok: true,
      value: {
        server,
        proxy: proxy.value,
        ...rereadCredentials(read, settings.nowMs),
        ...(namespace === '' ? {} : { namespace }),
        ...(issuer === undefined ? {} : { issuer }),
        ...(anonymous === undefined ? {} : { anonymous }),
      },
    };
  } catch (error) {
    return invalid(file, error instanceof Error ? error.message : String(error));
  }
}

function invalid(where: string, why: string): Result<never> {
  return { ok: false, failure: failure('KubeconfigInvalid', { where, why }) };
}

/** Of an entry of a user: `client-key` alone is a path. */
const secretField = /(?:token|password|secret|key-data)$/i;

/** What stands in an entry of a user under names of secrets, and in variables of such names for its plugin. */
function learnFrom(fields: Readonly<Record<string, unknown>>, learn: Learn): void {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' && secretField.test(name)) learnBoth(value, learn);
    for (const inner of [value].flat()) {
      if (!isRecord(inner)) continue;
      if (namesSecret(text(inner['name']))) learn(text(inner['value']));
      learnFrom(inner, learn);
    }
  }
}

/** Data of a file stands there in base64. */
function learnBoth(value: string, learn: Learn): void {
  learn(value);
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  if (decoded.startsWith('-----BEGIN')) learn(decoded);
}
