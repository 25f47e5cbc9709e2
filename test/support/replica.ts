import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Command } from './shipped-program.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '../..');

export type Line = Readonly<Record<string, unknown>>;
export type Replica = ReturnType<typeof startReplica>;

/** One process of the controller. What it prints goes to the test's output, too, where it is searched for secrets. */
export function startReplica(
  name: string,
  args: readonly string[],
  env: Record<string, string>,
  [file, ...first]: Command,
) {
  const child = spawn(file, [...first, 'controller', ...args], { cwd: root, env });
  const lines: Line[] = [];
  const exit = ended(child);
  let code: number | null | undefined;
  void exit.then((ended) => (code = ended));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      process.stdout.write(`${name}: ${line}\n`);
      lines.push(line.startsWith('{') ? JSON.parse(line) : { text: line });
    });
  }

  const find = (wanted: string | ((line: Line) => boolean)): Line | undefined =>
    lines.find((line) => (typeof wanted === 'string' ? line['message'] === wanted : wanted(line)));
  const said = (wanted: string | ((line: Line) => boolean)): Promise<Line> =>
    until(`${name} says ${String(wanted)}`, () => {
      const found = find(wanted);
      if (found === undefined && code !== undefined) throw new Error(`${name} ended with ${code}`);
      return found;
    });

  /** What its port answers. */
  const get = async (path: string, method = 'GET') => {
    const { port } = await said('Controller started');
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, { method });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  return {
    name,
    child,
    lines,
    find,
    said,
    get,
    exit,
    count: (message: string) => lines.filter((line) => line['message'] === message).length,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves to the value of a sample: `metric('leader')`, `metric('secrets{state="valid"}')`; 0 where there is none. */
    async metric(sample: string): Promise<number> {
      const { text } = await get('/metrics');
      const line = text.split('\n').find((each) => each.startsWith(`ecr_cred_helper_${sample} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    ready: () => until(`${name} is ready`, async () => (await get('/readyz')).status === 200),
    leads: () => said('Leading'),
    async stop(): Promise<number | null> {
      child.kill('SIGTERM');
      return exit;
    },
  };
}

async function ended(child: ChildProcess): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  return promise;
}
