'use strict';
// node -r build/release/cache-spy.cjs <program>: says on stderr of each script that has a code cache whether V8 took it.
const { basename } = require('node:path');
const vm = require('node:vm');

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    if (options.cachedData === undefined) return;
    process.stderr.write(`${basename(options.filename)} ${this.cachedDataRejected ? 'refused' : 'taken'}\n`);
  }
};
