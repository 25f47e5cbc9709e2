import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { withController } from './controlled.ts';
import { measure, measureWell } from './measure.ts';
import { programs } from './programs.ts';
import type { Stage } from './stage.ts';
import { table, type Part } from './statistics.ts';
import { listenToWrites } from './writes.ts';

/** Modules of Node's own that each command loads beyond those of an empty process. More of them cost every start. */
const mostModules: Readonly<Record<string, number>> = {
  'the job, one namespace': 65,
  'the job, with a kubeconfig': 70,
  '`--version`': 48,
  '`--help`': 48,
  '`completion bash`': 48,
  'Tab, for a flag': 63,
  'Tab, for a namespace of the kubeconfig': 68,
  '`status`': 63,
  '`status`, with a kubeconfig': 68,
  '`prune --dry-run`': 63,
  '`prune --dry-run`, with a kubeconfig': 68,
  '`explain`': 63,
  '`explain`, with a kubeconfig': 68,
  '`doctor`': 72,
  '`doctor`, with a kubeconfig': 72,
};

/** On the wire of a refresh, both ways, with TLS; and what is stored, as JSON. */
const mostBytes = { sent: 4500, received: 2000, stored: 4700 };

const IDLE_SECONDS = 10;

/** What is not a matter of time: requests, connections, bytes, modules. What is more than it should be is told to `missed`. */
export async function counts(stage: Stage, missed: string[]): Promise<Part> {
  const atMost = (what: string, count: number, most: number): number => {
    if (count > most) missed.push(`${what}: ${count}, and not more than ${most}`);
    return count;
  };
  const modules = await modulesOf(stage, atMost);
  const requests: string[][] = [];
  const figures: Part['figures'] = { modules };
  for (const count of [1, 10, 1000]) {
    const made = await requestsOf(stage, count);
    requests.push([count, ...Object.values(made)].map(String));
    atMost(`LIST namespaces of ${count}`, made.lists, Math.floor(count / 500) + 1);
    atMost(`PATCH secrets of ${count}`, made.patches, count);
    atMost(`other requests of ${count}`, made.others, 0);
    atMost(`connections for ${count}`, made.connections, Math.min(16, count));
    atMost(`calls to ECR for ${count}`, made.ecr, 1);
    figures[`requests at ${count}`] = made;
  }
  const bytes = await bytesOfRefresh(stage);
  for (const key of ['sent', 'received', 'stored'] as const)
    atMost(`bytes ${key} for a refresh`, bytes[key], mostBytes[key]);
  const idle = await idleRequests(stage);
  // The Lease is renewed every two seconds or so.
  for (const [what, count] of Object.entries(idle)) {
    atMost(
      `${what} in ${IDLE_SECONDS} s of an idle controller`,
      count,
      what === 'UPDATE leases' ? IDLE_SECONDS / 2 + 1 : 0,
    );
  }
  const markdown = [
    table([['the job over', 'LIST namespaces', 'PATCH secrets', 'other', 'connections', 'to ECR'], ...requests]),
    '',
    table([
      ['a refresh', 'sent', 'received', 'stored, as JSON'],
      ['bytes', ...[bytes.sent, bytes.received, bytes.stored].map(String)],
    ]),
    '',
    table([
      ['modules of Node beyond an empty process', ''],
      ...Object.entries(modules).map(([name, count]) => [name, String(count)]),
    ]),
    '',
    table([
      ['idle controller, leading', `in ${IDLE_SECONDS} s`],
      ...Object.entries(idle).map(([what, count]) => [what, String(count)]),
    ]),
  ].join('\n');
  return { markdown, figures: { ...figures, bytes, idle } };
}

async function modulesOf(stage: Stage, atMost: (what: string, count: number, most: number) => number) {
  stage.populate(1);
  const { modules: own } = await measureWell(stage.empty);
  const counts: Record<string, number> = {};
  for (const [name, { command, mayFail }] of Object.entries(programs(stage))) {
    const most = mostModules[name];
    if (most === undefined) continue;
    const { modules } = await (mayFail === true ? measure(command) : measureWell(command));
    counts[name] = atMost(`modules of Node for ${name}`, modules - own, most);
  }
  return counts;
}

async function requestsOf(stage: Stage, count: number) {
  const { kubernetes, aws } = stage;
  stage.populate(count);
  kubernetes.stats.reset();
  aws.stats.reset();
  await measureWell(stage.program());
  const { requests, total, connections } = kubernetes.stats.counts();
  const lists = requests['LIST namespaces'] ?? 0;
  const patches = requests['PATCH secrets'] ?? 0;
  return {
    lists,
    patches,
    others: total - lists - patches,
    connections,
    ecr: aws.stats.count('GetAuthorizationToken'),
  };
}

/** What 100 namespaces more put on the wire, a hundredth of it. */
async function bytesOfRefresh(stage: Stage) {
  const relay = await startRelay(stage.kubernetes.port);
  try {
    const job = stage.program([], { KUBERNETES_SERVICE_PORT: String(relay.port), ECR_CONCURRENCY: '1' });
    const over = async (count: number) => {
      const names = stage.populate(count);
      await measureWell(job);
      const before = { ...relay.bytes };
      await measureWell(job);
      return { names, sent: relay.bytes.sent - before.sent, received: relay.bytes.received - before.received };
    };
    const [few, many] = [await over(1), await over(101)];
    const stored = JSON.stringify(stage.kubernetes.getSecret(many.names[0] ?? '', 'ecr-creds')).length;
    const each = (key: 'sent' | 'received') => Math.round((many[key] - few[key]) / 100);
    return { sent: each('sent'), received: each('received'), stored };
  } finally {
    relay.close();
  }
}

/** A way to the server that counts what goes over it. */
async function startRelay(port: number) {
  const bytes = { sent: 0, received: 0 };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (part: Buffer) => (bytes.sent += part.length)).pipe(upstream);
    upstream.on('data', (part: Buffer) => (bytes.received += part.length)).pipe(client);
    for (const socket of [client, upstream])
      socket.on('error', () => [client, upstream].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, bytes, close: () => server.close() };
}

async function idleRequests(stage: Stage): Promise<Record<string, number>> {
  const writes = listenToWrites(stage);
  stage.populate(1);
  return withController(stage, async () => {
    await writes.until(1);
    await pause(3000);
    stage.kubernetes.stats.reset();
    await pause(IDLE_SECONDS * 1000);
    const { requests, connections } = stage.kubernetes.stats.counts();
    return { 'UPDATE leases': 0, ...requests, 'new connections': connections };
  });
}
