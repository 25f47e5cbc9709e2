import { request } from 'node:https';
import type { Kubernetes } from '../kubernetes/index.ts';

/** Writes the status of an object, as nodes and controllers do; nothing where the object is gone. */
export async function writeStatus({ url, caPem, adminToken }: Kubernetes, path: string, status: object): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/merge-patch+json' };
  const asked = request(
    new URL(`${path}/status`, url),
    { method: 'PATCH', ca: caPem, headers, agent: false },
    (answer) => {
      answer.resume().once('close', resolve);
    },
  );
  // The server has been closed: nobody reads it any more.
  asked.once('error', () => resolve());
  asked.end(JSON.stringify({ status }));
  await promise;
}

/** As the API has it, to the second. */
export function instant(ms = Date.now()): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
