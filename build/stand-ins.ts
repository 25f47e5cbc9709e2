import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const folder = join(import.meta.dirname, 'stand-ins');

/** What the SDK loads of Node at every start, for functions that a pass hardly calls. */
const modules: Readonly<Record<string, string>> = {
  'node:zlib': join(folder, 'zlib.cjs'),
  'node:fs/promises': join(folder, 'fs-promises.cjs'),
  'node:http': join(folder, 'http.cjs'),
  'node:https': join(folder, 'https.cjs'),
};

/**
 * Gives the packages of @smithy modules that load Node's own when they are first used, and none for streams of events. What they lack
 * ends the build.
 */
export const standIns: Plugin = {
  name: 'stand-ins',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^node:(?:zlib|fs\/promises|https?)$/ }, ({ kind, path, importer }) =>
      kind === 'import-statement' && /node_modules\/@smithy\//.test(importer)
        ? { path: modules[path] ?? path }
        : undefined,
    );
    esbuild.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({
      path: join(folder, 'event-streams.mjs'),
    }));
  },
};

/** Leaves out of a file what its clients are always given: their credentials, and what sends their requests. */
export const allGiven: Plugin = {
  name: 'all-given',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@(?:aws-sdk\/credential-provider-node|smithy\/node-http-handler)$/ }, ({ path }) => ({
      path: join(folder, `${path.replace(/^.*\//, '')}.mjs`),
    }));
  },
};

/** A pass is answered with Node's own streams alone. To ask whether one is a web stream loads those, for 2 ms. */
export const absentGlobals = { ReadableStream: 'undefined' };
