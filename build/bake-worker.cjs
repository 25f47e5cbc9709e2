'use strict';
// node build/bake-worker.cjs <dist> <arguments...>: runs the program as it is shipped, and when it ends writes the code caches
// that are not there yet of the files that it has loaded.
const { existsSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const dist = resolve(process.argv[2]);
const program = join(dist, 'ecr-cred-helper.cjs');
process.argv.splice(1, 2, program);
const { caches } = require(program);

process.on('exit', () => {
  for (const [name, data] of caches()) {
    const path = join(dist, name.replace(/\.cjs$/, '.cache'));
    if (!existsSync(path)) writeFileSync(path, data);
  }
});
