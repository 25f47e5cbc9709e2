import { build, type Metafile, type Plugin } from 'esbuild';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { absentGlobals, allGiven, standIns } from './stand-ins.ts';

const root = join(import.meta.dirname, '..');

export type Bundle = { file: string; bytes: number; metafile: Metafile };

/**
 * Bundles `entry` to `main.cjs` in `dist`, and each file of the project that is reached by a dynamic import to a file of its
 * own beside it, so that one command loads nothing of another. Code that both need is in both.
 *
 * CommonJS, since in an ES module `import 'node:http'` loads undici through the facade's getters.
 * @throws Error where two chunks would have one name, or a chunk would repeat a package of what a pass loads.
 */
export async function bundle(entry: string, dist: string, version: string): Promise<Bundle[]> {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const chunks = new Map([['main', resolve(root, entry)]]);
  const bundles: Bundle[] = [];
  // A map yields what is added to it meanwhile: a chunk may have chunks.
  for (const [name, path] of chunks) bundles.push(await bundleOne(path, join(dist, `${name}.cjs`), version, chunks));
  refuseRepeatedPackages(bundles);
  return bundles;
}

async function bundleOne(path: string, outfile: string, version: string, chunks: Map<string, string>): Promise<Bundle> {
  const name = basename(path, '.ts');
  const isSdk = sdkFiles.has(name);
  const { metafile } = await build({
    entryPoints: [path],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    // ES modules where packages have them: what is not used of them is left out, a third of the bundle.
    mainFields: ['module', 'main'],
    // The names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'none',
    define: { ECR_CRED_HELPER_VERSION: JSON.stringify(version), ...(isSdk ? absentGlobals : {}) },
    metafile: true,
    logLevel: 'warning',
    plugins: [ownFiles(chunks), ...(isSdk ? [standIns] : []), ...(name === 'ecr-by-key' ? [allGiven] : [])],
  });
  return { file: basename(outfile), bytes: (await stat(outfile)).size, metafile };
}

/** Leaves dynamic imports of the project's own files to the file they become. */
function ownFiles(chunks: Map<string, string>): Plugin {
  return {
    name: 'own-files',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = join(resolveDir, path);
        const name = basename(path, '.ts');
        const known = chunks.get(name);
        if (known !== undefined && known !== file) throw new Error(`${known} and ${file} would both be ${name}.cjs`);
        chunks.set(name, file);
        return { path: `./${name}.cjs`, external: true };
      });
    },
  };
}

/** What holds clients of the AWS SDK; a pass loads one of the first two. */
const sdkFiles: ReadonlySet<string> = new Set(['ecr-by-key', 'ecr-by-chain', 'identity']);
/** What a pass loads. */
const loadedByPass: ReadonlySet<string> = new Set(['main.cjs', 'open-refresh.cjs', 'ecr-by-key.cjs']);
/**
 * These stand on the same packages: a process loads one of the clients for ECR, and only `doctor` the one for STS. Files of their own
 * cost a run nothing.
 */
const standsAlone: ReadonlySet<string> = new Set(['ecr-by-chain.cjs', 'identity.cjs']);

function refuseRepeatedPackages(bundles: readonly Bundle[]): void {
  for (const one of bundles.filter(({ file }) => loadedByPass.has(file))) {
    const known = packagesIn(one);
    for (const other of bundles.filter((bundle) => bundle !== one && !standsAlone.has(bundle.file))) {
      const repeated = [...packagesIn(other)].filter((name) => known.has(name));
      if (repeated.length > 0) throw new Error(`${other.file} repeats ${repeated.join(', ')} of ${one.file}`);
    }
  }
}

function packagesIn(bundle: Bundle): Set<string> {
  return new Set(packageDirectories([bundle]).map((path) => path.replace(/^.*node_modules\//, '')));
}

/** Where the packages are that became part of the bundles, from the root of the project; sorted. */
export function packageDirectories(bundles: readonly Bundle[]): string[] {
  const inputs = bundles.flatMap(({ metafile }) => usedInputs(metafile));
  const directories = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(directories.filter((path) => path !== undefined))].sort();
}

/** The files of which something is left after tree shaking. */
function usedInputs(metafile: Metafile): string[] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => relative(root, join(root, path))),
  );
}

/** The largest packages of a bundle, for a look at what a run has to load. */
export function largestPackages({ metafile }: Bundle, count: number): { name: string; bytes: number }[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? dirname(path);
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  const rows = [...sizes].map(([name, bytes]) => ({ name, bytes }));
  return rows.sort((a, b) => b.bytes - a.bytes).slice(0, count);
}
