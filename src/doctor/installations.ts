import { type ApiReply, isRecord, recordAt, text, whyNot } from '../core/api/reply.ts';
import type { Installation } from '../core/doctor/installation.ts';
import type { Workload } from '../core/doctor/workload-facts.ts';
import { holderName, podView, referencesOf, type Held, type Reference } from '../core/doctor/pod-template.ts';
import { answered, type Driving } from '../serving/drive.ts';
import type { Asked } from './deps.ts';

/** Reads everything that the pods of a workload are given. */
export async function gatherInstallation(
  own: Asked,
  workload: Workload,
  deps: Driving,
  signal: AbortSignal,
): Promise<Installation> {
  const { namespace, serviceAccount, podSpec } = workload;
  const references = referencesOf(podSpec);
  const named = new Map(references.map((reference) => [holderName(reference), reference]));
  const read = (path: string) => answered(() => own.read(path, 'whole', signal), deps, signal);
  const within = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const [account, ...holders] = await Promise.all([
    read(`${within}/serviceaccounts/${encodeURIComponent(serviceAccount)}`),
    ...[...named].map(async ([name, { kind, name: object }]) => {
      const plural = kind === 'Secret' ? 'secrets' : 'configmaps';
      const held = heldIn(await read(`${within}/${plural}/${encodeURIComponent(object)}`), kind);
      return [name, held] as const;
    }),
  ]);
  const held = new Map(holders);
  const metadata = recordAt(account.kind === 'answer' ? account.body : undefined, 'metadata');
  const view = podView(podSpec, held, recordAt(metadata, 'annotations'));
  return { workload, references, held, hasAccount: isThere(account), view };
}

function isThere(reply: ApiReply): boolean | undefined {
  if (reply.kind === 'broken' || ![200, 404].includes(reply.status)) return undefined;
  return reply.status === 200;
}

function heldIn(reply: ApiReply, kind: Reference['kind']): Held {
  if (reply.kind === 'answer' && reply.status === 404) return { kind: 'absent' };
  if (reply.kind === 'broken' || reply.status !== 200 || !isRecord(reply.body)) {
    return { kind: 'unseen', why: whyNot(reply) };
  }
  const values = Object.entries(recordAt(reply.body, 'data')).map(([key, value]) => [key, text(value)] as const);
  if (kind === 'ConfigMap') return { kind: 'held', entries: Object.fromEntries(values) };
  const decoded = values.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const);
  return { kind: 'held', entries: Object.fromEntries(decoded) };
}
