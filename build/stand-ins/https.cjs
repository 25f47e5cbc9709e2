'use strict';
// As node:http.
exports.request = (...args) => require('node:https').request(...args);
Object.defineProperty(exports, 'Agent', { get: () => require('node:https').Agent });
