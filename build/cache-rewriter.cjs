'use strict';
// node build/cache-rewriter.cjs <dist>: reads each code cache and writes it as V8 writes one that it has read. What was compiled
// first, and in which folder, is then not to be seen in it any more.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = process.argv[2];

for (const file of readdirSync(dist).sort()) {
  if (!file.endsWith('.cache')) continue;
  const path = join(dist, file);
  const filename = file.replace(/cache$/, 'cjs');
  // As build/loader.cjs has it: another text, and V8 refuses.
  const source = readFileSync(join(dist, filename), 'latin1');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData: readFileSync(path),
  });
  if (script.cachedDataRejected) throw new Error(`V8 does not take ${path}, which it has just made`);
  writeFileSync(path, script.createCachedData());
}
