'use strict';
// node build/bake-worker.cjs <dist> <arguments...>: runs main.cjs as loader.cjs does, and when it ends writes the code cache
// with every function that has been compiled by then.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');
const { Script } = require('node:vm');

const dist = resolve(process.argv[2]);
process.argv.splice(1, 2, join(dist, 'ecr-cred-helper.cjs'));
const filename = join(dist, 'main.cjs');
const source = readFileSync(filename, 'latin1');
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, { filename });
process.on('exit', () => writeFileSync(join(dist, 'main.cache'), script.createCachedData()));
const main = { exports: {} };
script.runInThisContext()(main.exports, createRequire(filename), main, filename, dist);
