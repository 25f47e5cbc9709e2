'use strict';
// node build/bake-worker.cjs <dist> <arguments...>: runs the program as it is shipped, and when it ends writes the code caches
// of the files that it has loaded.
const { join, resolve } = require('node:path');

const program = join(resolve(process.argv[2]), 'ecr-cred-helper.cjs');
process.argv.splice(1, 2, program);
const { bake } = require(program);
process.on('exit', bake);
