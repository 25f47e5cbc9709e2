#!/usr/bin/env node
'use strict';
// Starts main.cjs, and whatever file beside it that asks for, from V8's code cache in the file of the same name: without it,
// a third of the CPU time of a run is spent on compiling. A cache that is missing, or that another version of V8 made, is
// ignored: the file is then compiled as usual.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const uncached = new Map();
const loaded = new Map();

function load(name) {
  const filename = join(__dirname, name);
  // The files are ASCII; read as latin1 they take one byte a character.
  const source = readFileSync(filename, 'latin1');
  const cache = filename.replace(/\.cjs$/, '.cache');
  const options = { filename };
  try {
    options.cachedData = readFileSync(cache);
  } catch {}
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, options);
  if (options.cachedData === undefined) uncached.set(cache, script);
  const module = { exports: {} };
  loaded.set(name, module);
  script.runInThisContext()(module.exports, requireBeside, module, filename, __dirname);
  return module.exports;
}

function requireBeside(name) {
  if (!name.startsWith('./')) return require(name);
  const module = loaded.get(name);
  return module === undefined ? load(name) : module.exports;
}

/** For the build: writes the code caches that are not there yet, of every function that has been compiled by then. */
exports.bake = () => {
  for (const [cache, script] of uncached) writeFileSync(cache, script.createCachedData());
};

load('./main.cjs');
