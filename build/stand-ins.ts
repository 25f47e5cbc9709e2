import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const folder = join(import.meta.dirname, 'stand-ins');

/** What the SDK loads of Node at every start, for functions that a pass hardly calls. */
const modules: Readonly<Record<string, string>> = {
  'node:zlib': join(folder, 'zlib.cjs'),
  'node:fs/promises': join(folder, 'fs-promises.cjs'),
};

/** Gives @smithy/core modules that load Node's own when they are first used. What they lack ends the build. */
export const standIns: Plugin = {
  name: 'stand-ins',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^node:(?:zlib|fs\/promises)$/ }, ({ path, importer }) =>
      /node_modules\/@smithy\/core\//.test(importer) ? { path: modules[path] ?? path } : undefined,
    );
  },
};

/** A pass is answered with Node's own streams alone. To ask whether one is a web stream loads those, for 2 ms. */
export const absentGlobals = { ReadableStream: 'undefined' };
