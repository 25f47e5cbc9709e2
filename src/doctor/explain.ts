import { listFailure } from '../core/api/pages.ts';
import { recordAt, recordsAt, text, whyNot } from '../core/api/reply.ts';
import { explainedPod, findBackOff, findOtherWaits, triesIn } from '../core/doctor/explained.ts';
import { couldNotLook, distinct, failed, finding, type Finding } from '../core/doctor/finding.ts';
import { setCommandOf } from '../core/doctor/installation.ts';
import { findPods, waitingPod } from '../core/doctor/pods.ts';
import { findPullSecret, secretFact } from '../core/doctor/pull-secrets.ts';
import { findImage, parseImage } from '../core/doctor/registry.ts';
import { runNow } from '../core/doctor/workload.ts';
import { passwordsIn } from '../core/secret/docker-config.ts';
import { existingSecret } from '../core/secret/pull-secret.ts';
import { answered } from '../serving/drive.ts';
import type { DoctorSettings, ExplainDeps, Judged } from './deps.ts';
import { lookAround } from './around.ts';
import { askFor } from './registries.ts';

/** A pod by its place. */
export type PodPlace = { namespace: string; name: string };

/**
 * Why a pod waits for its images: the first thing on the way from the label to the registry that is not right. It asks the registry
 * with the login that stands in the pull secret, as the kubelet does.
 * @param machine the configuration of this process, for where nothing in the cluster runs the program.
 */
export async function explain(
  { namespace, name }: PodPlace,
  machine: Judged,
  deps: ExplainDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (!deps.cluster.ok) return [failed('kubernetes/api', deps.cluster.failure)];
  const { own } = deps.cluster.value;
  const read = (path: string) => answered(() => own.read(path, 'whole', signal), deps, signal);
  const within = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const reply = await read(`${within}/pods/${encodeURIComponent(name)}`);
  if (reply.kind === 'answer' && reply.status === 404) {
    return [
      finding('PodMissing', { looked: `pod ${namespace}/${name}`, found: 'there is none of that name', namespace }),
    ];
  }
  if (reply.kind === 'answer' && reply.status === 403) {
    return [finding('PodForbidden', { looked: `pod ${namespace}/${name}`, found: whyNot(reply) })];
  }
  if (reply.kind === 'broken' || reply.status !== 200) {
    return [failed('kubernetes/api', listFailure(reply, `pod ${namespace}/${name}`))];
  }
  const pod = explainedPod(reply.body);
  const others = findOtherWaits(pod);
  const waiting = waitingPod(reply.body);
  if (waiting === undefined) return others;

  const seen = await lookAround(deps.cluster.value, machine, deps, signal);
  const [subject] = seen.subjects;
  const settings: DoctorSettings = subject?.judged.settings ?? machine.settings;
  const { secretName, labelName, labelValue, registries, onConflict } = settings;
  const set = subject?.installation === undefined ? undefined : setCommandOf(subject.installation);
  const [place, secret] = await Promise.all([
    read(`/api/v1/namespaces/${encodeURIComponent(namespace)}`),
    answered(() => own.readSecret(namespace, secretName, signal), deps, signal),
  ]);
  if (place.kind === 'broken' || place.status !== 200) {
    const why = whyNot(place);
    return [
      ...others,
      couldNotLook(
        'namespaces/labels',
        `namespace ${namespace}`,
        why,
        `Ask as somebody who may: kubectl auth can-i get namespace/${namespace}`,
      ),
    ];
  }
  const labels = recordAt(recordAt(place.body, 'metadata'), 'labels');
  const label = `${labelName}=${labelValue}`;
  const named = registries.map(({ host }) => host);
  const fact = secretFact(secret, [waiting.host]);
  const held = fact.kind === 'present' ? (fact.hosts ?? []) : [];
  const labelled = new Set(labels[labelName] === labelValue ? [namespace] : []);
  const hosts = named.length > 0 ? named : held;
  const ofPod = findPods({ waiting: [waiting], labelled, label, secretName, hosts, set });
  if (ofPod.every(({ reason }) => reason !== 'PodPullFails')) return distinct([...others, ...ofPod]);

  const run = runNow(subject?.workload, seen.workload?.stuck);
  const nowMs = deps.clock.nowMs();
  const state = findPullSecret(fact, { namespace, secretName, expected: [waiting.host], onConflict, nowMs, run, set });
  if (state.some(({ severity, reason }) => severity === 'problem' || reason === 'CouldNotLook'))
    return distinct([...others, ...state]);

  const image = await imageFindings(waiting.image, waiting.host, secret, deps, signal);
  if (image.some(({ reason }) => reason !== 'ImagePullable')) return distinct([...others, ...image]);
  const events = await read(
    `${within}/events?fieldSelector=${encodeURIComponent(`involvedObject.name=${name}`)}&limit=200`,
  );
  const items = events.kind === 'answer' && events.status === 200 ? recordsAt(events.body, 'items') : undefined;
  const written = existingSecret(secret.kind === 'answer' ? secret.body : undefined)?.refreshedAtMs;
  return distinct([
    ...others,
    ...image,
    findBackOff(pod, items === undefined ? 'unseen' : triesIn(items), written, nowMs),
  ]);
}

/** What the registry says to the login that stands in the secret. */
async function imageFindings(
  image: string,
  host: string,
  secret: Parameters<typeof secretFact>[0],
  { registries, learn }: ExplainDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  const data = secret.kind === 'answer' ? recordAt(secret.body, 'data')['.dockerconfigjson'] : undefined;
  const password = passwordsIn(text(data), [host]).get(host);
  learn(password);
  const name = parseImage(image);
  if (name === undefined || password === undefined) return findImage({ image, name, hosts: [host] });
  const token = { hosts: [host], password, issuedAtMs: 0, expiresAtMs: 0 };
  const reply = await askFor(name, token, registries, signal);
  return findImage({ image, name, hosts: [host], reply });
}
