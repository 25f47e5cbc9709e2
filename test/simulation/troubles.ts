import { annotations, managedBy, timestamp } from '../../src/core/secret/pull-secret.ts';
import type { Dice } from './dice.ts';
import { registryHost, type EcrMood } from './model/ecr.ts';
import { isLabelled } from './model/store.ts';
import { fairWeather, type Weather } from './network.ts';
import type { Replica } from './replica.ts';
import type { World } from './world.ts';

type Trouble = (world: World) => void;

const others = { dataOwner: 'somebody', isApplied: false };

/** What other people do with namespaces and secrets, in bad times and in good ones. */
export const everyday: Record<string, Trouble> = {
  'a labelled namespace is made': ({ store, dice, time }) => store.createNamespace(newName(dice), true, time.nowMs()),
  'an unlabelled namespace is made': ({ store, dice, time }) =>
    store.createNamespace(newName(dice), false, time.nowMs()),
  'a namespace gains the label': (world) => withNamespace(world, (name) => relabel(world, name, true)),
  'a namespace loses the label': (world) => withNamespace(world, (name) => relabel(world, name, false)),
  'a namespace loses the label and gains it at once': (world) =>
    withNamespace(world, (name) => {
      for (const labelled of [true, false, true]) relabel(world, name, labelled);
    }),
  'a namespace is deleted': (world) => withNamespace(world, (name) => removeSlowly(world, name)),
  'a namespace is deleted and made again': (world) =>
    withNamespace(world, (name) => {
      world.store.removeNamespace(name);
      world.store.createNamespace(name, true, world.time.nowMs());
    }),
  'a secret is deleted': (world) => withNamespace(world, (name) => world.store.deleteSecret(name)),
  'a secret is annotated': (world) => withSecret(world, (name) => touch(world, name)),
  'a secret is emptied': (world) =>
    withSecret(world, (name) => world.store.putSecret(name, { data: base64({ auths: {} }), ...others }, 'somebody')),
  'the CronJob starts': (world) => void world.startPass(),
};

/** What goes wrong. */
export const disasters: Record<string, Trouble> = {
  'a secret is touched again and again': (world) =>
    withSecret(world, (name) => {
      for (let index = 1; index <= 20; index += 1) world.time.plan(index * 400, () => touch(world, name));
    }),
  'a secret gets logins of others': (world) =>
    withSecret(world, (name) => {
      const data = base64({ auths: { 'other.example': { auth: 'eDp5' } } });
      world.store.putSecret(name, { data, ...others }, 'somebody');
    }),
  'a secret of another type is there': (world) =>
    withNamespace(world, (name) => {
      world.store.deleteSecret(name);
      world.store.putSecret(name, { type: 'Opaque', data: '', ...others }, 'somebody');
    }),
  'a secret becomes immutable': (world) =>
    withSecret(world, (name) => world.store.putSecret(name, { immutable: true }, 'somebody')),
  'a huge secret of others is there': (world) =>
    withNamespace(world, (name) => {
      const data = base64({ auths: { 'other.example': { auth: 'eDp5'.repeat(50_000) } } });
      world.store.putSecret(name, { data, ...others }, 'somebody');
    }),
  'a foreign secret goes': (world) => withNamespace(world, (name) => world.store.deleteSecret(name)),
  'a quota is full': (world) =>
    withNamespace(world, (name) => {
      world.store.quotas.add(name);
      later(world, 2 * world.dice.chance(), () => freed(world, name));
    }),
  'a policy denies pull secrets': (world) =>
    withNamespace(world, (name) => {
      world.store.policies.add(name);
      later(world, 2 * world.dice.chance(), () => freed(world, name));
    }),
  'another instance writes newer tokens': rivalPass,
  'a fight over a secret': (world) =>
    withNamespace(world, (name) => {
      world.fights.add(name);
      later(world, 0.5, () => world.fights.delete(name));
    }),
  'the API server restarts': (world) => {
    outage(world, world.dice.between(1000, 60_000));
    if (world.dice.happens(0.5)) world.store.compact();
  },
  'the API server is away': (world) => outage(world, world.dice.chance() * bounded(world, 0.2)),
  'a copy of etcd is made': (world) => {
    world.backup = { restore: world.store.backup(), atMs: world.time.nowMs() };
  },
  'etcd is restored from its copy': (world) => {
    if (world.backup === undefined) return;
    const downMs = world.dice.between(500, 30_000);
    outage(world, downMs);
    world.backup.restore();
    world.restoredAtMs = world.time.nowMs() + downMs;
  },
  'history is forgotten': ({ store }) => store.compact(),
  'the API server is overloaded': (world) => spell(world, 'overload', world.dice.chance() * 0.9),
  'the API server refuses for no good reason': (world) => spell(world, 'refusal', world.dice.chance() * 0.5),
  'connections break': (world) => spell(world, 'breakage', world.dice.chance() * 0.6),
  'requests hang': (world) => spell(world, 'hang', world.dice.chance() * 0.5),
  'answers are no JSON': (world) => spell(world, 'garbage', world.dice.chance() * 0.5),
  'the network is slow': (world) => spell(world, 'latencyMs', world.dice.between(100, 9000)),
  'API servers lag behind': (world) => spell(world, 'lagMs', world.dice.between(100, 30_000)),
  'events get lost': (world) => spell(world, 'drop', world.dice.chance() * 0.5),
  'events come twice': (world) => spell(world, 'duplicate', 0.5),
  'watches go silent': (world) => spell(world, 'silence', world.dice.chance() * 0.3),
  'ECR has trouble': (world) => {
    const moods: EcrMood[] = ['down', 'hang', 'nonsense', 'denied', 'throttling', 'short'];
    world.ecr.mood = world.dice.pick(moods) ?? 'down';
    later(world, world.dice.chance(), () => (world.ecr.mood = 'well'));
  },
  'a replica is killed': (world) => withReplica(world, (replica) => killed(world, replica)),
  'two replicas are killed': (world) => {
    for (const replica of world.replicas.slice(0, 2)) killed(world, replica);
  },
  'a replica is told to stop': (world) => withReplica(world, (replica) => replica.stop()),
  'a replica is cut off': (world) =>
    withReplica(world, (replica) => {
      replica.cutOffUntilMs = world.time.nowMs() + world.dice.chance() * bounded(world, 0.2);
    }),
  'a replica freezes': (world) =>
    withReplica(world, (replica) => {
      const most = Math.max(60_000, world.scenario.stormMs / 50);
      replica.frozenMs = world.time.nowMs() + world.dice.between(1000, most);
    }),
  'a clock is set': (world) =>
    withReplica(world, (replica) => {
      replica.offsetMs = world.dice.between(-13 * 3_600_000, 13 * 3_600_000);
    }),
  'a job is killed': (world) => {
    const pass = world.startPass();
    world.time.plan(world.dice.between(1, 2000), () => pass.kill());
  },
};

/** Ends what a storm brought. */
export function clearUp(world: World): void {
  Object.assign(world.weather, fairWeather);
  world.ecr.mood = 'well';
  world.fights.clear();
  for (const replica of world.replicas) {
    replica.offsetMs = 0;
    replica.cutOffUntilMs = 0;
    replica.frozenMs = 0;
  }
}

function newName(dice: Dice): string {
  return `ns-${dice.between(1, 30)}`;
}

function relabel({ store, time }: World, name: string, labelled: boolean): void {
  store.setLabel(name, labelled, time.nowMs());
}

function touch({ store, time }: World, name: string): void {
  if (store.secrets.has(name)) store.putSecret(name, { annotations: { note: String(time.nowMs()) } }, 'somebody');
}

/** What kept a secret from being written is over. */
function freed({ store, time }: World, name: string): void {
  store.freedAtMs.set(name, time.nowMs());
  store.quotas.delete(name);
  store.policies.delete(name);
}

function removeSlowly(world: World, name: string): void {
  const { store, time, dice } = world;
  const before = store.namespaces.get(name);
  store.terminate(name);
  time.plan(dice.between(100, 20_000), () => {
    if (store.namespaces.get(name) === before) store.removeNamespace(name);
  });
}

/** A CronJob of the same program, say: it knows what stands there and puts newer tokens in place of ours. */
function rivalPass({ store, ecr }: World): void {
  const { password, expiresAtMs } = ecr.issue();
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  const data = base64({ auths: { [registryHost]: { username: 'AWS', password, auth } } });
  const notes = {
    [annotations.registries]: registryHost,
    [annotations.expiresAt]: timestamp(expiresAtMs),
  };
  const labels = { [managedBy.label]: managedBy.value };
  for (const [name, secret] of store.secrets) {
    const isOurs = secret.dataOwner === 'ecr-cred-helper' && secret.type === 'kubernetes.io/dockerconfigjson';
    const home = store.namespaces.get(name);
    if (!isOurs || secret.immutable || home === undefined || !isLabelled(home)) continue;
    store.putSecret(name, { data, annotations: notes, labels }, 'ecr-cred-helper');
  }
}

function outage({ weather, openWatches, time }: World, lastsMs: number): void {
  weather.serverIsDown = true;
  for (const cut of openWatches) cut();
  time.plan(lastsMs, () => {
    weather.serverIsDown = false;
  });
}

function spell(world: World, name: Exclude<keyof Weather, 'serverIsDown'>, value: number): void {
  const { weather, dice, time } = world;
  weather[name] = value;
  time.plan(bounded(world, 0.3) * dice.chance(), () => (weather[name] = fairWeather[name]));
}

function killed(world: World, replica: Replica): void {
  replica.kill();
  world.restart(replica);
}

/** A share of the storm, six hours at most: what goes on for longer teaches nothing more. */
function bounded({ scenario }: World, share: number): number {
  return Math.min(share * scenario.stormMs, 6 * 3_600_000);
}

/** @param share of the storm's length. */
function later({ time, scenario }: World, share: number, run: () => void): void {
  time.plan(share * scenario.stormMs, run);
}

function withNamespace({ store, dice }: World, use: (name: string) => void): void {
  const name = dice.pick([...store.namespaces.keys()]);
  if (name !== undefined) use(name);
}

function withSecret({ store, dice }: World, use: (name: string) => void): void {
  const name = dice.pick([...store.secrets.keys()]);
  if (name !== undefined) use(name);
}

function withReplica({ replicas, dice }: World, use: (replica: Replica) => void): void {
  const replica = dice.pick(replicas);
  if (replica !== undefined) use(replica);
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
