import { annotations, managedBy, timestamp } from '../../src/core/secret/pull-secret.ts';
import type { Dice } from './dice.ts';
import { registryHost, type Ecr, type EcrMood } from './ecr.ts';
import type { Replica } from './replica.ts';
import type { Server } from './server.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './wire.ts';

/** What troubles may touch. */
export type Stage = {
  time: VirtualTime;
  dice: Dice;
  server: Server;
  ecr: Ecr;
  weather: Weather;
  openWatches: Set<() => void>;
  replicas: () => readonly Replica[];
  restart(replica: Replica): void;
  /** Namespaces whose secret another party changes back for now. */
  fights: Set<string>;
  note: (line: string) => void;
  /** Length of the storm, in milliseconds. */
  stormMs: number;
};

type Trouble = (stage: Stage) => void;

/** What other people do with namespaces and secrets, in bad times and in good ones. */
export const everyday: Record<string, Trouble> = {
  'a labelled namespace is made': ({ server, dice, time }) => server.createNamespace(newName(dice), true, time.nowMs()),
  'an unlabelled namespace is made': ({ server, dice, time }) =>
    server.createNamespace(newName(dice), false, time.nowMs()),
  'a namespace gains the label': (stage) => relabel(stage, true),
  'a namespace loses the label': (stage) => relabel(stage, false),
  'a namespace is deleted': (stage) => withNamespace(stage, (name) => removeSlowly(stage, name)),
  'a namespace is deleted and made again': (stage) =>
    withNamespace(stage, (name) => {
      stage.server.removeNamespace(name);
      stage.server.createNamespace(name, true, stage.time.nowMs());
    }),
  'a secret is deleted': (stage) => withNamespace(stage, (name) => stage.server.deleteSecret(name)),
  'a secret is annotated': (stage) =>
    withSecret(stage, (name) =>
      stage.server.putSecret(name, { annotations: { note: String(stage.time.nowMs()) } }, 'somebody'),
    ),
  'a secret is emptied': (stage) =>
    withSecret(stage, (name) =>
      stage.server.putSecret(name, { data: base64({ auths: {} }), dataOwner: 'somebody' }, 'somebody'),
    ),
};

/** What goes wrong. */
export const disasters: Record<string, Trouble> = {
  'a secret gets logins of others': (stage) =>
    withSecret(stage, (name) => {
      const data = base64({ auths: { 'other.example': { auth: 'eDp5' } } });
      stage.server.putSecret(name, { data, dataOwner: 'somebody' }, 'somebody');
    }),
  'a secret of another type is there': (stage) =>
    withNamespace(stage, (name) => {
      stage.server.deleteSecret(name);
      stage.server.putSecret(name, { type: 'Opaque', data: '', dataOwner: 'somebody' }, 'somebody');
    }),
  'a foreign secret goes': (stage) => withNamespace(stage, (name) => stage.server.deleteSecret(name)),
  'another instance writes newer tokens': rivalPass,
  'a fight over a secret': (stage) =>
    withNamespace(stage, (name) => {
      stage.fights.add(name);
      later(stage, 0.5, () => stage.fights.delete(name));
    }),
  'the API server restarts': (stage) => {
    outage(stage, stage.dice.between(1000, 60_000));
    if (stage.dice.happens(0.5)) stage.server.compact();
  },
  'the API server is away': (stage) => outage(stage, stage.dice.chance() * bounded(stage, 0.2)),
  'history is forgotten': ({ server }) => server.compact(),
  'the API server is overloaded': (stage) => spell(stage, 'overload', stage.dice.chance() * 0.9),
  'connections break': (stage) => spell(stage, 'breakage', stage.dice.chance() * 0.6),
  'requests hang': (stage) => spell(stage, 'hang', stage.dice.chance() * 0.5),
  'the network is slow': (stage) => spell(stage, 'latencyMs', stage.dice.between(100, 9000)),
  'events get lost': (stage) => spell(stage, 'drop', stage.dice.chance() * 0.5),
  'events come twice': (stage) => spell(stage, 'duplicate', 0.5),
  'watches go silent': (stage) => spell(stage, 'silence', stage.dice.chance() * 0.3),
  'ECR has trouble': (stage) => {
    const moods: EcrMood[] = ['down', 'hang', 'nonsense', 'denied'];
    stage.ecr.mood = stage.dice.pick(moods) ?? 'down';
    later(stage, stage.dice.chance(), () => (stage.ecr.mood = 'well'));
  },
  'a replica is killed': (stage) => withReplica(stage, (replica) => killed(stage, replica)),
  'two replicas are killed': (stage) => {
    for (const replica of stage.replicas().slice(0, 2)) killed(stage, replica);
  },
  'a replica is told to stop': (stage) => withReplica(stage, (replica) => replica.stop()),
  'a replica is cut off': (stage) =>
    withReplica(stage, (replica) => {
      replica.cutOffUntilMs = stage.time.nowMs() + stage.dice.chance() * bounded(stage, 0.2);
    }),
  'a replica freezes': (stage) =>
    withReplica(stage, (replica) => {
      replica.frozenMs = stage.time.nowMs() + stage.dice.between(1000, Math.max(60_000, stage.stormMs / 50));
    }),
  'a clock is set': (stage) =>
    withReplica(stage, (replica) => {
      replica.offsetMs = stage.dice.between(-13 * 3_600_000, 13 * 3_600_000);
    }),
};

/** Ends what a storm brought. */
export function clearUp(stage: Stage): void {
  stage.ecr.mood = 'well';
  stage.fights.clear();
  for (const replica of stage.replicas()) {
    replica.offsetMs = 0;
    replica.cutOffUntilMs = 0;
    replica.frozenMs = 0;
  }
}

function newName(dice: Dice): string {
  return `ns-${dice.between(1, 30)}`;
}

function relabel({ server, dice, time }: Stage, labelled: boolean): void {
  const name = dice.pick([...server.namespaces.keys()]);
  if (name !== undefined) server.setLabel(name, labelled, time.nowMs());
}

function removeSlowly({ server, time, dice }: Stage, name: string): void {
  const before = server.namespaces.get(name);
  server.terminate(name);
  time.plan(dice.between(100, 20_000), () => {
    if (server.namespaces.get(name) === before) server.removeNamespace(name);
  });
}

/** A CronJob of the same program, say: it knows what stands there and puts newer tokens in place of ours. */
function rivalPass({ server, ecr }: Stage): void {
  const { password, expiresAtMs } = ecr.issue();
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  const data = base64({ auths: { [registryHost]: { username: 'AWS', password, auth } } });
  const notes = {
    [annotations.registries]: registryHost,
    [annotations.expiresAt]: timestamp(expiresAtMs),
  };
  for (const [name, secret] of server.secrets) {
    if (secret.dataOwner !== 'ecr-cred-helper' || secret.type !== 'kubernetes.io/dockerconfigjson') continue;
    server.putSecret(
      name,
      { data, annotations: notes, labels: { [managedBy.label]: managedBy.value } },
      'ecr-cred-helper',
    );
  }
}

function outage({ weather, openWatches, time }: Stage, lastsMs: number): void {
  weather.serverIsDown = true;
  for (const cut of openWatches) cut();
  time.plan(lastsMs, () => {
    weather.serverIsDown = false;
  });
}

function spell(stage: Stage, name: Exclude<keyof Weather, 'serverIsDown'>, value: number): void {
  const { weather } = stage;
  const fair = name === 'latencyMs' ? 20 : 0;
  weather[name] = value;
  stage.time.plan(bounded(stage, 0.3) * stage.dice.chance(), () => (weather[name] = fair));
}

function killed(stage: Stage, replica: Replica): void {
  replica.kill();
  stage.restart(replica);
}

/** A share of the storm, six hours at most: what goes on for longer teaches nothing more. */
function bounded({ stormMs }: Stage, share: number): number {
  return Math.min(share * stormMs, 6 * 3_600_000);
}

/** @param share of the storm's length. */
function later({ time, stormMs }: Stage, share: number, run: () => void): void {
  time.plan(share * stormMs, run);
}

function withNamespace({ server, dice }: Stage, use: (name: string) => void): void {
  const name = dice.pick([...server.namespaces.keys()]);
  if (name !== undefined) use(name);
}

function withSecret({ server, dice }: Stage, use: (name: string) => void): void {
  const name = dice.pick([...server.secrets.keys()]);
  if (name !== undefined) use(name);
}

function withReplica({ replicas, dice }: Stage, use: (replica: Replica) => void): void {
  const replica = dice.pick(replicas());
  if (replica !== undefined) use(replica);
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
