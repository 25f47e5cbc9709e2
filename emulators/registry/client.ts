import { digestOf } from './image.ts';

export type PullResult =
  | { ok: true; digest: string; blobs: number; sizeBytes: number }
  | { ok: false; status: number; why: string };

type Descriptor = { digest: string };

/**
 * Pulls an image (`<host>/<repository>:<tag>`) with the login that a docker config holds for the host, as a kubelet does,
 * and checks every digest. Throws where the registry cannot be reached or sends other bytes than it promised.
 */
export async function pullImage(reference: string, dockerConfigJson: string, scheme = 'http'): Promise<PullResult> {
  const match = /^([^/]+)\/(.+):([^:/]+)$/.exec(reference);
  if (match === null) throw new Error(`not an image reference: ${reference}`);
  const [, host = '', repository = '', tag = ''] = match;
  const headers = loginFor(host, dockerConfigJson);
  const get = (path: string) => fetch(`${scheme}://${host}/v2/${repository}/${path}`, { headers });
  const answer = await get(`manifests/${tag}`);
  if (!answer.ok) return { ok: false, status: answer.status, why: await reasonOf(answer) };
  const bytes = Buffer.from(await answer.arrayBuffer());
  // The manifest is one of our own registry's, or the digests below do not match.
  const manifest = JSON.parse(bytes.toString()) as { config: Descriptor; layers: Descriptor[] };
  const blobs = [manifest.config, ...manifest.layers];
  let sizeBytes = bytes.length;
  for (const { digest } of blobs) {
    const blob = Buffer.from(await (await get(`blobs/${digest}`)).arrayBuffer());
    if (digestOf(blob) !== digest) throw new Error(`${reference}: blob ${digest} has other content`);
    sizeBytes += blob.length;
  }
  return { ok: true, digest: digestOf(bytes), blobs: blobs.length, sizeBytes };
}

function loginFor(host: string, dockerConfigJson: string): Record<string, string> {
  const { auths } = JSON.parse(dockerConfigJson) as { auths?: Record<string, { auth?: string }> }; // a pull secret's form
  const auth = auths?.[host]?.auth;
  return auth === undefined ? {} : { authorization: `Basic ${auth}` };
}

async function reasonOf(answer: Response): Promise<string> {
  const text = await answer.text();
  const message = /"message":"([^"]*)"/.exec(text)?.[1];
  return message ?? text.trim();
}
