'use strict';
// node:fs/promises takes 1 ms to load, with readline in it.
exports.readFile = require('node:util').promisify(require('node:fs').readFile);
