import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundledTool } from '../test/support/bundled-tools.ts';
import { buildImage } from './build-image.ts';
import { smoke } from './smoke.ts';
import { must, whereIs } from './tools.ts';

const HELP = `Builds the container image with buildah and runs it in an OCI runtime against the emulators.

  npm run image [-- options]

  --no-smoke   only builds it
  --help       this text

Needs root, and: apt-get install buildah runc binutils ca-certificates
It uses no network: the bases are made of the node of this project and the libraries of this machine. The image for others
is built from the same file: see image/Dockerfile.
`;

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  allowNegative: true,
  options: { smoke: { type: 'boolean', default: true }, help: { type: 'boolean', default: false } },
});

// What is made here is read by other users than this one.
process.umask(0o022);
if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const lack = await lacking();
  if (lack !== undefined) {
    process.stderr.write(`${lack}\n`);
    return 2;
  }
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const revision = await must('git', ['-C', root, 'rev-parse', 'HEAD']).catch(() => 'unknown');
  const image = await buildImage(version, revision.trim());
  try {
    print(
      `${image.name}: ${megabytes(image.unpackedBytes)} MB unpacked, ${megabytes(image.compressedBytes)} MB compressed`,
    );
    if (!values.smoke) return 0;
    const manifests = await must(await bundledTool('kubectl'), ['kustomize', join(root, 'deploy/cronjob')]);
    for (const line of await smoke(image, version, manifests)) print(line);
    return 0;
  } finally {
    await image.dispose();
  }
}

async function lacking(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'npm run image needs root: buildah changes owners and roots.';
  const missing = [];
  for (const [program, debianPackage] of Object.entries({ buildah: 'buildah', strip: 'binutils' })) {
    if ((await whereIs(program)) === undefined) missing.push(debianPackage);
  }
  return missing.length === 0 ? undefined : `npm run image needs: apt-get install ${missing.join(' ')}`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
