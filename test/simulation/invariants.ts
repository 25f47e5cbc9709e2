import type { ApiRequest } from '../../src/adapters/kubernetes/requests.ts';
import { whyNotReady, type ControllerStatus } from '../../src/core/controller/controller-status.ts';
import { annotations, timestamp } from '../../src/core/secret/pull-secret.ts';
import { isLabelled, type Namespace, type Secret, type Store } from './model/store.ts';
import type { Replica } from './replica.ts';
import { epochMs } from './virtual-time.ts';
import type { Process, World } from './world.ts';

/** A promise that was broken: what, when, where. */
export class Broken extends Error {}

const pullSecretType = 'kubernetes.io/dockerconfigjson';
/** A pass knows nothing of a secret before it writes: what came while it ran, it may put back. */
const passMs = 10 * 60_000;
const longestBackoffMs = 5 * 60_000;

/** No secret is ever replaced by an older, expired or empty one; nothing that was never labelled is touched. */
export function checkApply(world: World, writer: Process, namespace: string, body: string): void {
  const { time, store, ecr, replicas } = world;
  const home = store.namespaces.get(namespace);
  if (home !== undefined && !isLabelled(home) && canKnow(writer, home, world)) {
    throw new Broken(`${namespace} was written to without the label`);
  }
  const isPass = writer.name.startsWith('job');
  const other = replicas.find((replica) => replica.name !== writer.name && isLeading(replica));
  if (!isPass && !world.areApart && other !== undefined)
    throw new Broken(`${writer.name} writes to ${namespace} while ${other.name} leads`);
  const config = JSON.parse(body) as { data: Record<string, string> };
  const token = ecr.tokenOf(config.data['.dockerconfigjson'] ?? '');
  if (token === undefined) throw new Broken(`${namespace} gets a secret without a token`);
  if (writer.wallOffsetMs() === 0 && token.expiresAtMs <= epochMs + time.nowMs()) {
    throw new Broken(`${namespace} gets an expired token`);
  }
  checkForeign(store, namespace, config.data['.dockerconfigjson'] ?? '');
  const before = store.secrets.get(namespace);
  const held = before === undefined ? undefined : ecr.tokenOf(before.data);
  if (held === undefined) return;
  const claimed = Date.parse(before?.metadata.annotations[annotations.expiresAt] ?? '');
  const isOlder = held.issuedMs > token.issuedMs + (isPass ? passMs : 0) && held.expiresAtMs > token.expiresAtMs + 1000;
  if (isOlder && claimed >= held.expiresAtMs - 1000) {
    const [gets, has] = [timestamp(token.expiresAtMs), timestamp(held.expiresAtMs)];
    throw new Broken(`${namespace} gets an older token (${gets}) than it has (${has})`);
  }
}

/**
 * Whether it could know that the label is not there. It may have been taken off, or be gone with data that were lost, or it
 * is another namespace of the same name: where events are lost, its next whole list tells.
 */
function canKnow({ listedMs }: Process, home: Namespace, { restoredAtMs = never }: World): boolean {
  const { isAnother, createdMs, unlabelledSinceMs = never } = home;
  return listedMs >= Math.max(restoredAtMs, isAnother ? createdMs : never, unlabelledSinceMs);
}

const never = -1;

/** Nothing foreign is lost. */
function checkForeign(store: Store, namespace: string, data: string): void {
  const before = store.secrets.get(namespace);
  if (before === undefined || !holdsForeign(before.data)) return;
  if (!holdsForeign(data)) throw new Broken(`${namespace} loses a login of others`);
}

function holdsForeign(data: string): boolean {
  return Buffer.from(data, 'base64').toString('utf8').includes('other.example');
}

/** Only a leftover of ours is ever deleted. */
export function checkDelete({ store, ecr, scenario }: World, namespace: string): void {
  const secret = store.secrets.get(namespace);
  if (!scenario.prune) throw new Broken(`the secret of ${namespace} is deleted without --prune`);
  if (secret !== undefined && (ecr.expiryOf(secret.data) === undefined || secret.dataOwner !== 'ecr-cred-helper')) {
    throw new Broken(`a secret of somebody else is deleted in ${namespace}`);
  }
}

/** Never two that lead. */
export function checkLeaders({ replicas, areApart }: World): void {
  if (areApart) return;
  const leading = replicas.filter(isLeading);
  if (leading.length > 1) throw new Broken(`${leading.map(({ name }) => name).join(' and ')} lead`);
}

/** What waits and what is in work is bounded by the namespaces there are, and those that have just gone. */
export function checkMemory({ replicas, store }: World): void {
  const most = store.namespaces.size + 40;
  for (const replica of replicas) {
    if (!replica.isAlive()) continue;
    const { depth, delayed } = replica.controller.status();
    if (depth + delayed > most) throw new Broken(`${replica.name} has ${depth + delayed} entries in its queue`);
  }
}

/** Whether a leader is at work: a renewal takes its moment whenever its time comes. */
export function isBusy({ replicas }: World): boolean {
  return replicas.some((replica) => isLeading(replica) && replica.controller.status().depth > 0);
}

/** Whether a leader takes what happened for a fight. */
export function isContended({ replicas }: World): boolean {
  return replicas.some((replica) => isLeading(replica) && replica.controller.status().secrets.contended > 0);
}

/** Once the world has been well for long enough. */
export function checkWell(world: World, sinceMs: number): void {
  const { replicas } = world;
  checkSecrets(world, sinceMs);
  const leading = replicas.filter(isLeading);
  const [leader] = leading;
  if (leader === undefined) throw new Broken('nobody leads though all is well');
  if (leading.length > 1) throw new Broken('more than one leads though all is well');
  const { depth, secrets } = leader.controller.status();
  checkCounts(world, leader, secrets);
  if (depth !== 0) throw new Broken(`the queue of ${leader.name} holds ${depth} though all is well`);
  for (const replica of replicas) {
    const why = replica.isAlive() ? whyNotReady(replica.controller.status()) : undefined;
    if (why !== undefined) throw new Broken(`${replica.name} is not ready though all is well: ${why}`);
    const part = replica.isAlive() ? replica.controller.stuck() : undefined;
    if (part !== undefined) throw new Broken(`${part} of ${replica.name} is stuck`);
  }
}

/** What it says of the namespaces is what they are. */
function checkCounts({ store }: World, { name }: Replica, { valid, ...others }: ControllerStatus['secrets']): void {
  const labelled = [...store.namespaces.values()].filter(
    (home) => isLabelled(home) && home.metadata.deletionTimestamp === undefined,
  );
  const counted = valid + Object.values(others).reduce((sum, count) => sum + count, 0);
  const told = JSON.stringify({ valid, ...others });
  if (counted !== labelled.length) throw new Broken(`${name} counts ${told}, and there are ${labelled.length}`);
  const refused = labelled.filter(({ metadata }) => isRefused(store, metadata.name)).length;
  if (counted - valid - others.contended > refused)
    throw new Broken(`${name} counts ${told}, and ${refused} have to be left alone`);
}

/** Every labelled namespace has a valid secret, or has been told why not. */
function checkSecrets(world: World, sinceMs: number): void {
  const { time, store, ecr, warned } = world;
  const nowMs = epochMs + time.nowMs();
  for (const [name, namespace] of store.namespaces) {
    const secret = store.secrets.get(name);
    if (!isLabelled(namespace) || namespace.metadata.deletionTimestamp !== undefined) continue;
    if (isRefused(store, name)) {
      if (warned.has(namespace.metadata.uid) || isUntried(secret, world)) continue;
      throw new Broken(`${name} is not served and was never told why`);
    }
    const expiresAtMs = secret === undefined ? undefined : ecr.expiryOf(secret.data);
    const what = secret === undefined ? 'no secret' : expiresAtMs === undefined ? 'no token' : 'an expired token';
    if (expiresAtMs === undefined || expiresAtMs <= nowMs) {
      // A refusal is tried again after five minutes.
      if (time.nowMs() - (store.freedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < longestBackoffMs) continue;
      throw new Broken(`${name} has ${what} though all has been well for ${Math.round(sinceMs / 60_000)} min`);
    }
  }
}

/** A token that has more than half of its life before it need not be written anew yet: nobody was refused. */
function isUntried(secret: Secret | undefined, { ecr, time }: World): boolean {
  const token = secret === undefined ? undefined : ecr.tokenOf(secret.data);
  if (token === undefined) return false;
  const lifeMs = token.expiresAtMs - epochMs - token.issuedMs;
  return token.expiresAtMs - epochMs - time.nowMs() > 0.4 * lifeMs;
}

/** Whether its secret must be left as it is, or may not be made. */
export function isRefused(store: Store, namespace: string): boolean {
  const secret = store.secrets.get(namespace);
  if (secret === undefined) return store.quotas.has(namespace) || store.policies.has(namespace);
  return isForeign(secret) || secret.immutable || store.policies.has(namespace);
}

/** A secret that the controller must leave alone: of another type, or with logins of others. */
function isForeign({ type, data, dataOwner }: Secret): boolean {
  return type !== pullSecretType || (dataOwner !== 'ecr-cred-helper' && holdsForeign(data));
}

const minuteMs = 60_000;

/** The rate of one replica stays within what its work can need, in all and for each namespace. */
export function checkRate({ time, store }: World, { name, requests }: Replica, { path }: ApiRequest): void {
  if (time.nowMs() - requests.sinceMs > minuteMs) {
    requests.sinceMs = time.nowMs();
    requests.count = 0;
    requests.byNamespace.clear();
  }
  requests.count += 1;
  // The Lease every two seconds, watches and lists with backoff, and what each namespace may need at once.
  const most = 120 + 40 * (store.namespaces.size + 5);
  if (requests.count > most) throw new Broken(`${name} made more than ${most} requests in a minute`);
  const namespace = /^\/api\/v1\/namespaces\/([^/]+)\//.exec(path)?.[1];
  if (namespace === undefined) return;
  const count = (requests.byNamespace.get(namespace) ?? 0) + 1;
  requests.byNamespace.set(namespace, count);
  // Where others fight over a secret and answers get lost, nobody can tell that it is a fight.
  if (count > 150) throw new Broken(`${name} made more than 150 requests for ${namespace} in a minute`);
}

/** Warnings about one namespace. */
const windowMs = 10 * minuteMs;

/** One replica speaks of a namespace once in ten minutes at most. */
export function checkEvent(world: World, replica: Replica, namespace: string, body: string): void {
  const { time, store, warned } = world;
  if (!body.includes('"type":"Warning"')) return;
  const lastMs = replica.warned.get(namespace);
  replica.warned.set(namespace, time.nowMs());
  const home = store.namespaces.get(namespace);
  if (home !== undefined) warned.add(home.metadata.uid);
  // Made again or labelled again: the first warning may have been on its way, or the news of it, for some of that time.
  // After a restore it may be another namespace, too, and what was said is gone.
  const sinceMs = Math.max(home?.labelledSinceMs ?? 0, world.restoredAtMs ?? 0);
  const isAnother = home === undefined || sinceMs > (lastMs ?? 0) - windowMs;
  // Each may have been tried for a while before it arrived.
  if (lastMs !== undefined && !isAnother && time.nowMs() - lastMs < windowMs - 3 * minuteMs) {
    throw new Broken(`${replica.name} warned about ${namespace} twice within ten minutes`);
  }
}

export function isLeading(replica: Replica): boolean {
  return replica.isAlive() && replica.controller.isLeading();
}
