import { hash } from 'node:crypto';
import { chmod, copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const PLACEHOLDER = '{ node: [0, 0], caches: {} }';

/** Writes what starts the program, `ecr-cred-helper.cjs` and the names under which kubectl does, with the digests of the code caches that are in `dist` by now. */
export async function installLoader(dist: string): Promise<void> {
  const loader = await readFile(join(import.meta.dirname, 'loader.cjs'), 'utf8');
  const { engines }: { engines: { node: string } } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const node = engines.node.replace('>=', '').split('.').map(Number).slice(0, 2);
  const built = JSON.stringify({ node, caches: await digestsOf(dist) });
  if (!loader.includes(PLACEHOLDER)) throw new Error(`build/loader.cjs has no ${PLACEHOLDER}`);
  const program = join(dist, 'ecr-cred-helper.cjs');
  await writeFile(program, loader.replace(PLACEHOLDER, built));
  await chmod(program, 0o755);
  for (const name of plugins) await copyFile(join(import.meta.dirname, 'plugin.cjs'), join(dist, name));
}

/** What kubectl looks for: https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/ */
const plugins = ['kubectl-ecr_creds.cjs', 'kubectl_complete-ecr_creds.cjs'];

async function digestsOf(dist: string): Promise<Record<string, string>> {
  const caches = (await readdir(dist)).filter((file) => file.endsWith('.cache'));
  const digests = await Promise.all(
    caches.map(async (file) => [
      file.replace(/cache$/, 'cjs'),
      hash('sha256', await readFile(join(dist, file)), 'base64'),
    ]),
  );
  return Object.fromEntries(digests);
}
