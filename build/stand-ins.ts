import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const folder = join(import.meta.dirname, 'stand-ins');

/** What the SDK loads of Node at every start, for functions that a pass hardly calls. */
const modules: Readonly<Record<string, string>> = {
  'node:zlib': join(folder, 'zlib.cjs'),
  'node:fs/promises': join(folder, 'fs-promises.cjs'),
};

/**
 * Gives @smithy/core modules that load Node's own when they are first used, and none for streams of events. What they lack ends the
 * build.
 */
export const standIns: Plugin = {
  name: 'stand-ins',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^node:(?:zlib|fs\/promises)$/ }, ({ path, importer }) =>
      /node_modules\/@smithy\/core\//.test(importer) ? { path: modules[path] ?? path } : undefined,
    );
    esbuild.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({
      path: join(folder, 'event-streams.mjs'),
    }));
  },
};

/** Leaves the credential chain out of a file in which every client is given its credentials. */
export const noCredentialChain: Plugin = {
  name: 'no-credential-chain',
  setup(esbuild) {
    const path = join(folder, 'credential-provider-node.mjs');
    esbuild.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path }));
  },
};

/** A pass is answered with Node's own streams alone. To ask whether one is a web stream loads those, for 2 ms. */
export const absentGlobals = { ReadableStream: 'undefined' };
