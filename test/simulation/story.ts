import assert from 'node:assert/strict';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import { usualLeaseTimings } from '../../src/core/controller/lease.ts';
import { dice } from './dice.ts';
import { isLeading } from './invariants.ts';
import { isLabelled } from './model/store.ts';
import type { Scenario } from './scenario.ts';
import { epochMs } from './virtual-time.ts';
import { World, type Plot } from './world.ts';

const hourMs = 3_600_000;

/** As it ships, in a cluster of three labelled namespaces. */
const plain: Scenario = {
  replicas: 1,
  namespaces: 3,
  prune: false,
  concurrency: 16,
  canStream: true,
  lease: usualLeaseTimings,
  watchTimings: usualWatchTimings,
  bookmarkMs: 60_000,
  rounds: 1,
  stormMs: 0,
  boundMs: hourMs,
  troubles: 0,
  jobEveryMs: undefined,
  tokenLifeMs: 12 * hourMs,
};

/** A world in which only that happens which a story has happen, once it is as it should be. */
export async function calmWorld(wish: Partial<Scenario> = {}, plot: Plot = {}, seed = 1): Promise<World> {
  const world = newWorld(wish, plot, seed);
  if (world.scenario.replicas > 0) await within(world, 60_000, 'all served', () => isServed(world));
  return world;
}

/** The same from its first moment. */
export function newWorld(wish: Partial<Scenario> = {}, plot: Plot = {}, seed = 1): World {
  const world = new World({ ...plain, ...wish }, dice(seed), plot);
  const { namespaces, replicas } = world.scenario;
  for (let index = 1; index <= namespaces; index += 1) world.store.createNamespace(named(index), true, 0);
  for (let slot = 1; slot <= replicas; slot += 1) world.launch(slot);
  return world;
}

/** `ns-01`: in the order of their numbers. */
export function named(index: number): string {
  return `ns-${String(index).padStart(2, '0')}`;
}

/** Whether it holds a token that is good for a while. */
export function holdsToken({ store, ecr, time }: World, namespace: string): boolean {
  const secret = store.secrets.get(namespace);
  return secret !== undefined && (ecr.expiryOf(secret.data) ?? 0) > epochMs + time.nowMs();
}

/** Whether every labelled namespace, but these, holds one. */
export function isServed(world: World, but: readonly string[] = []): boolean {
  const labelled = [...world.store.namespaces].filter(([name, home]) => isLabelled(home) && !but.includes(name));
  return labelled.every(([name]) => holdsToken(world, name));
}

/** The replica that leads, should one. */
export function leaderOf({ replicas }: World) {
  return replicas.find(isLeading);
}

/**
 * Lets time pass until it is so.
 * @returns how long that took, milliseconds.
 */
export async function within(world: World, mostMs: number, what: string, isSo: () => boolean): Promise<number> {
  const beganMs = world.time.nowMs();
  while (!isSo() && world.time.nowMs() - beganMs < mostMs) await passes(world, Math.max(10, mostMs / 1000));
  assert.ok(isSo(), `not so within ${mostMs} ms: ${what}\n${world.story.slice(-30).join('\n')}`);
  return world.time.nowMs() - beganMs;
}

/** Lets time pass; every promise holds meanwhile. */
export async function passes(world: World, delayMs: number): Promise<void> {
  await world.runFor(delayMs);
  assert.equal(world.failure, undefined, `${world.failure}\n${world.story.slice(-30).join('\n')}`);
}
