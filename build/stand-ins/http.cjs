'use strict';
// node:http and node:https take 4 ms to load, and only who is given credentials by the node has a use for them.
exports.request = (...args) => require('node:http').request(...args);
