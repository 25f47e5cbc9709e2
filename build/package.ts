/** `npm run package`: the archive for npm, and the manifest for krew that names it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { krewManifest } from './krew.ts';

const usage = `Usage: npm run package -- [--help]

Builds the program and packs it into .tmp/package: the archive for npm, and ecr-creds.yaml, by which krew installs that.
`;
const { name, version } = manifest;
const folder = join(import.meta.dirname, '../.tmp/package');

process.exitCode = process.argv.includes('--help') ? help() : await pack();

function help(): number {
  process.stdout.write(usage);
  return 0;
}

async function pack(): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'inherit' });
  if (packed.status !== 0) return 1;
  const archive = await readFile(join(folder, `${name}-${version}.tgz`));
  await writeFile(
    join(folder, 'ecr-creds.yaml'),
    krewManifest(version, createHash('sha256').update(archive).digest('hex')),
  );
  process.stdout.write(`.tmp/package: ${Math.round(archive.length / 1024)} KiB\n`);
  return 0;
}
