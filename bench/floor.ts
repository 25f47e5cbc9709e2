import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pullSecret } from '../src/core/secret/pull-secret.ts';
import type { Command } from './measure.ts';
import type { Bed } from './stage.ts';

/** Says which namespaces the next client serves. */
export function tellNames({ directory }: Pick<Bed, 'directory'>, names: readonly string[]): Promise<void> {
  return writeFile(join(directory, 'names.json'), JSON.stringify(names));
}

/**
 * A bare client that sends to each of the names it is told the patch that the program sends, and does nothing else. Each has a
 * token of its own, so that the server has something to write.
 */
export async function floorClient({ bare, directory }: Bed, concurrency: number): Promise<Command> {
  const to = await bare();
  const now = Date.now();
  // As long as the emulator's, which are as long as ECR's.
  const token = { hosts: ['000000000000.dkr.ecr.us-east-1.amazonaws.com'], password: `${now}`.padEnd(2600, 'x') };
  const tokens = [{ ...token, issuedAtMs: now, expiresAtMs: now + 43_200_000 }];
  const { body } = pullSecret('ecr-creds', tokens, { wallMs: now, steadyMs: 0 });
  const settings = {
    ...to,
    namesFile: join(directory, 'names.json'),
    concurrency,
    query: 'fieldManager=ecr-cred-helper',
    body,
    headers: {
      ...to.headers,
      'user-agent': 'floor',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'content-type': 'application/apply-patch+yaml',
    },
  };
  // In a file of its own: everybody may read the arguments of a process, and there are credentials in it.
  const file = join(directory, `floor-${concurrency}.json`);
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  return { args: [join(import.meta.dirname, 'floor.cjs'), file], env: { HOME: directory } };
}
