import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pullSecret } from '../src/core/secret/pull-secret.ts';
import type { Command } from './measure.ts';
import type { Stage } from './stage.ts';

/** Says which namespaces the next client serves. */
export function tellNames(stage: Stage, names: readonly string[]): Promise<void> {
  return writeFile(namesFile(stage), JSON.stringify(names));
}

function namesFile({ directory }: Stage): string {
  return join(directory, 'names.json');
}

/** A bare client that sends to each of the names it is told the patch that the program sends, and does nothing else. */
export function floorClient(stage: Stage, concurrency: number): Command {
  const now = Date.now();
  // As long as the emulator's, which are as long as ECR's.
  const token = { hosts: ['000000000000.dkr.ecr.us-east-1.amazonaws.com'], password: 'x'.repeat(2600) };
  const tokens = [{ ...token, issuedAtMs: now, expiresAtMs: now + 43_200_000 }];
  const { body } = pullSecret('ecr-creds', tokens, { wallMs: now, steadyMs: 0 });
  const { kubernetes, directory } = stage;
  const settings = {
    url: kubernetes.url,
    caFile: join(directory, 'ca.crt'),
    namesFile: namesFile(stage),
    concurrency,
    query: 'fieldManager=ecr-cred-helper',
    body,
    headers: {
      authorization: `Bearer ${kubernetes.adminToken}`,
      'user-agent': 'floor',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'content-type': 'application/apply-patch+yaml',
    },
  };
  return { args: [join(import.meta.dirname, 'floor.cjs'), JSON.stringify(settings)], env: { HOME: directory } };
}
