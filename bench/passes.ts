import { floorClient, tellNames } from './floor.ts';
import { measureWell, type Command, type Usage } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, median, table } from './statistics.ts';

type Sizes = Map<number, Usage[]>;

/**
 * Namespaces a second and CPU a namespace against bare clients that send the same patches to the same server, all of them
 * creating. What a start costs is taken off: it is what one namespace costs.
 */
export async function passes(stage: Stage, isQuick: boolean): Promise<string> {
  const counts = isQuick ? [1, 10, 1000] : [1, 10, 1000, 10_000];
  const rounds = isQuick ? 1 : 3;
  const clients: Record<string, Command> = {
    'ecr-cred-helper': stage.program(),
    'bare HTTP/1.1': floorClient(stage, 'http1'),
    'bare HTTP/2': floorClient(stage, 'http2'),
  };
  const usages = new Map<string, Sizes>(Object.keys(clients).map((name) => [name, new Map()]));
  const requests: string[][] = [];
  for (const count of counts) {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, command] of Object.entries(clients)) {
        await tellNames(stage, stage.populate(count));
        stage.kubernetes.stats.reset();
        stage.aws.stats.reset();
        const usage = await measureWell(command);
        const sizes = usages.get(name);
        sizes?.set(count, [...(sizes.get(count) ?? []), usage]);
        if (round === 0 && name === 'ecr-cred-helper') requests.push(requestsOf(stage, count));
      }
    }
  }
  return [
    ...counts.filter((count) => count >= 1000).map((count) => `${speeds(count, usages)}\n`),
    table([['peak memory at', ...counts.slice(1).map(String)], ...memory(counts.slice(1), usages)]),
    '',
    table([['the job over', 'LIST namespaces', 'PATCH secrets', 'other', 'connections', 'to ECR'], ...requests]),
  ].join('\n');
}

function requestsOf({ kubernetes, aws }: Stage, count: number): string[] {
  const { requests, total, connections } = kubernetes.stats.counts();
  const lists = requests['LIST namespaces'] ?? 0;
  const patches = requests['PATCH secrets'] ?? 0;
  return [count, lists, patches, total - lists - patches, connections, aws.stats.count('GetAuthorizationToken')].map(
    String,
  );
}

function speeds(count: number, usages: ReadonlyMap<string, Sizes>): string {
  const of = (name: string, key: 'wallMs' | 'cpuMs'): number => {
    const sizes = usages.get(name);
    const at = (namespaces: number) => median((sizes?.get(namespaces) ?? []).map((usage) => usage[key]));
    return (at(count) - at(1)) / (count - 1);
  };
  const rows = [...usages.keys()].map((name) => {
    const share = (floor: string) => `${Math.round((100 * of(floor, 'wallMs')) / of(name, 'wallMs'))} %`;
    return [
      name,
      Math.round(1000 / of(name, 'wallMs')).toString(),
      share('bare HTTP/1.1'),
      share('bare HTTP/2'),
      `${of(name, 'cpuMs').toFixed(3)} ms`,
    ];
  });
  return table([[`${count} namespaces`, 'a second', 'of HTTP/1.1', 'of HTTP/2', 'CPU each'], ...rows]);
}

function memory(counts: readonly number[], usages: ReadonlyMap<string, Sizes>): string[][] {
  return [...usages].map(([name, sizes]) => [
    name,
    ...counts.map((count) => mebibytes(median((sizes.get(count) ?? []).map(({ peakBytes }) => peakBytes)))),
  ]);
}
