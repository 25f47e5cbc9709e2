import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folder = join(import.meta.dirname, '../../.tmp/old-nodes');
const execute = promisify(execFile);

/** Versions that are too old, with their packages' integrity by processor. */
const OLD: Record<string, Record<string, string>> = {
  '18.20.8': {
    x64: 'sha512-JWUTwZ9vMOjZXMtiBc74OZn12DXb4skKfY4Nlyc17Ss8BTaxjwkXAw6xZb0Ck5afUYU/neBbrHjo9O3baF34ww==',
    arm64: 'sha512-xTMJYtLdLjIimh8zRpgUDFsNknLP72AT/QWEQmeyDOM1/Gqj/GZn/MlbA+zWSjSMBxQscYvgFpq3qERMEcFEUA==',
  },
  '22.23.3': {
    x64: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    arm64: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  },
};

/** The paths of Node binaries that are too old for this project, fetched once from the npm registry (linux). */
export function oldNodes(): Promise<string[]> {
  return Promise.all(
    Object.entries(OLD).map(([version, integrity]) => fetched(version, integrity[process.arch] ?? '')),
  );
}

async function fetched(version: string, integrity: string): Promise<string> {
  const path = join(folder, version, 'node');
  if (await stat(path).catch(() => undefined)) return path;
  const unfinished = join(folder, `${version}.${process.pid}`);
  await mkdir(unfinished, { recursive: true });
  const name = `node-linux-${process.arch}`;
  await execute('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', unfinished], {
    timeout: 50_000,
  });
  const archive = join(unfinished, `${name}-${version}.tgz`);
  if (`sha512-${hash('sha512', await readFile(archive), 'base64')}` !== integrity) {
    throw new Error(`${name}@${version} is not what it was`);
  }
  await execute('tar', ['-xzf', archive, '-C', unfinished, '--strip-components=2', 'package/bin/node']);
  await rm(archive);
  await mkdir(join(folder, version), { recursive: true });
  await rename(join(unfinished, 'node'), path);
  await rm(unfinished, { recursive: true });
  return path;
}
