#!/usr/bin/env node
'use strict';
// Starts main.cjs, and whatever file beside it that asks for, from V8's code cache in the file of the same name: without it,
// a third of the CPU time of a run is spent on compiling. A cache that is missing, is not the one that was made with this
// file, or that another version of V8 made, is passed over: the file is then compiled as usual.

/** Written by the build: the oldest Node that can read the program, and the SHA-256 of each code cache in base64. */
const built = { node: [0, 0], caches: {} };

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < built.node[0] || (major === built.node[0] && minor < built.node[1])) {
  console.error(
    `ecr-cred-helper needs Node.js ${built.node.join('.')} or newer, and ${process.execPath} is ${process.versions.node}: ` +
      'install a newer one from https://nodejs.org',
  );
  process.exit(2);
}

const { hash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const scripts = new Map();
const loaded = new Map();

function load(name) {
  const filename = join(__dirname, name);
  // The files are ASCII; read as latin1 they take one byte a character.
  const source = readFileSync(filename, 'latin1');
  const cachedData = cacheOf(name);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  scripts.set(name, script);
  const module = { exports: {} };
  loaded.set(name, module);
  script.runInThisContext()(module.exports, requireBeside, module, filename, __dirname);
  return module.exports;
}

/** V8 believes what it is given: it crashes on a damaged cache and runs what a forged one holds. */
function cacheOf(name) {
  const digest = built.caches[name];
  if (digest === undefined) return undefined;
  try {
    const cache = readFileSync(join(__dirname, name.replace(/\.cjs$/, '.cache')));
    return hash('sha256', cache, 'base64') === digest ? cache : undefined;
  } catch {
    return undefined;
  }
}

function requireBeside(name) {
  if (!name.startsWith('./')) return require(name);
  const file = name.slice(2);
  const module = loaded.get(file);
  return module === undefined ? load(file) : module.exports;
}

/** For the build: the code cache of each file that has been loaded, with every function that has been compiled by now. */
exports.caches = () => new Map([...scripts].map(([name, script]) => [name, script.createCachedData()]));

load('main.cjs');
