import { annotations, timestamp } from '../../src/core/secret/pull-secret.ts';
import type { Ecr } from './ecr.ts';
import type { Replica } from './replica.ts';
import { isLabelled, type Secret, type Server } from './server.ts';
import { epochMs, type VirtualTime } from './virtual-time.ts';

/** A promise that was broken: what, when, where. */
export class Broken extends Error {}

export type Watched = {
  time: VirtualTime;
  server: Server;
  ecr: Ecr;
  replicas: readonly Replica[];
};

const pullSecretType = 'kubernetes.io/dockerconfigjson';

/** No secret is ever replaced by an older, expired or empty one; nothing that was never labelled is touched. */
export function checkWrite(
  { time, server, ecr, replicas }: Watched,
  writer: Replica | undefined,
  namespace: string,
  body: string,
): void {
  const home = server.namespaces.get(namespace);
  if (home !== undefined && !home.everLabelled) throw new Broken(`${namespace} was written to and never had the label`);
  const others = replicas.filter((replica) => replica !== writer && isLeading(replica));
  if (others.length > 0) {
    throw new Broken(
      `${writer?.name ?? 'a replica that is gone'} writes to ${namespace} while ${others[0]?.name} leads`,
    );
  }
  const config = JSON.parse(body) as { data: Record<string, string> };
  const expiresAtMs = ecr.expiryOf(config.data['.dockerconfigjson'] ?? '');
  if (expiresAtMs === undefined) throw new Broken(`${namespace} gets a secret without a token`);
  const isClockRight = (writer?.wallOffsetMs() ?? 0) === 0;
  if (isClockRight && expiresAtMs <= epochMs + time.nowMs()) throw new Broken(`${namespace} gets an expired token`);
  const before = server.secrets.get(namespace);
  const held = before === undefined ? undefined : ecr.expiryOf(before.data);
  const claimed = Date.parse(before?.metadata.annotations[annotations.expiresAt] ?? '');
  if (held !== undefined && held > expiresAtMs + 1000 && claimed >= held - 1000) {
    throw new Broken(`${namespace} gets an older token (${timestamp(expiresAtMs)}) than it has (${timestamp(held)})`);
  }
}

/** Only a leftover of ours is ever deleted. */
export function checkDelete({ server, ecr }: Watched, prunes: boolean, namespace: string): void {
  const secret = server.secrets.get(namespace);
  if (!prunes) throw new Broken(`the secret of ${namespace} is deleted without --prune`);
  if (secret !== undefined && (ecr.expiryOf(secret.data) === undefined || secret.dataOwner !== 'ecr-cred-helper')) {
    throw new Broken(`a secret of somebody else is deleted in ${namespace}`);
  }
}

/** Checked after every step. */
export function checkAlways({ replicas }: Watched): void {
  let leader: Replica | undefined;
  for (const replica of replicas) {
    if (!isLeading(replica)) continue;
    if (leader !== undefined) throw new Broken(`${leader.name} and ${replica.name} both lead`);
    leader = replica;
  }
}

/** Whether a leader is at work: a renewal takes its moment whenever its time comes. */
export function isBusy({ replicas }: Watched): boolean {
  return replicas.some((replica) => isLeading(replica) && replica.controller.status().depth > 0);
}

/** Once the world has been well for long enough. */
export function checkWell(watched: Watched, sinceMs: number): void {
  const { time, server, ecr, replicas } = watched;
  const nowMs = epochMs + time.nowMs();
  for (const [name, namespace] of server.namespaces) {
    const secret = server.secrets.get(name);
    if (!isLabelled(namespace) || namespace.metadata.deletionTimestamp !== undefined || isForeign(secret)) continue;
    const expiresAtMs = secret === undefined ? undefined : ecr.expiryOf(secret.data);
    const what = secret === undefined ? 'no secret' : expiresAtMs === undefined ? 'no token' : 'an expired token';
    if (expiresAtMs === undefined || expiresAtMs <= nowMs) {
      throw new Broken(`${name} has ${what} though all has been well for ${Math.round(sinceMs / 60_000)} min`);
    }
  }
  const leader = replicas.find(isLeading);
  if (leader === undefined) throw new Broken('nobody leads though all is well');
  const { depth, isSynced, hasCaughtUp } = leader.controller.status();
  if (depth !== 0) throw new Broken(`the queue of ${leader.name} holds ${depth} though all is well`);
  if (!isSynced || !hasCaughtUp) throw new Broken(`${leader.name} is not ready though all is well`);
}

/** Requests in any ten minutes. */
const windowMs = 10 * 60_000;

/** The rate of one replica stays within what its work can need. */
export function checkRate({ time, server }: Watched, replica: Replica): void {
  const { requests } = replica;
  if (time.nowMs() - requests.sinceMs > windowMs) {
    requests.sinceMs = time.nowMs();
    requests.count = 0;
  }
  requests.count += 1;
  // The lease twice in two seconds at worst, watches and lists with backoff, and some writes for each namespace.
  const most = 1200 + 100 * (server.namespaces.size + 10);
  if (requests.count > most) throw new Broken(`${replica.name} made more than ${most} requests in ten minutes`);
}

/** One replica speaks of a namespace once in ten minutes at most. */
export function checkEvent({ time, server }: Watched, replica: Replica, namespace: string, body: string): void {
  if (!body.includes('"type":"Warning"')) return;
  const lastMs = replica.warned.get(namespace);
  replica.warned.set(namespace, time.nowMs());
  const home = server.namespaces.get(namespace);
  // Made again or labelled again: the first warning may have been on its way, or the news of it, for some of that time.
  const isAnother = home === undefined || home.labelledSinceMs > (lastMs ?? 0) - windowMs;
  if (lastMs !== undefined && !isAnother && time.nowMs() - lastMs < windowMs - 60_000) {
    throw new Broken(`${replica.name} warned about ${namespace} twice within ten minutes`);
  }
}

export function isLeading(replica: Replica): boolean {
  return replica.isAlive() && replica.controller.isLeading();
}

/** A secret that the controller must leave alone: of another type, or with logins of others. */
export function isForeign(secret: Secret | undefined): boolean {
  if (secret === undefined) return false;
  if (secret.type !== pullSecretType) return true;
  return (
    secret.dataOwner !== 'ecr-cred-helper' &&
    Buffer.from(secret.data, 'base64').toString('utf8').includes('other.example')
  );
}
