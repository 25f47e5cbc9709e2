'use strict';
// node -r bench/probe.cjs ...: when the process exits, writes what it used to file descriptor 3 as one line of JSON. With
// BENCH_TRACE, also when each step of a start ended. It costs the same in every process that is compared.
const { readFileSync, writeSync } = require('node:fs');

const marks = [];
// The global `performance` would load what measures a process.
const mark = (name) => marks.push({ name, wallMs: process.uptime() * 1000, cpuMs: cpuMs() });
if (process.env.BENCH_TRACE !== undefined) trace();

process.on('exit', () => {
  mark('exit');
  const modules = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).length;
  writeSync(3, JSON.stringify({ cpuMs: cpuMs(), peakBytes: peakBytes(), modules, marks }));
});

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// What the kernel's rusage says includes the process that started this one.
function peakBytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function trace() {
  mark('node');
  const { Duplex } = require('node:stream');
  const { Script } = require('node:vm');
  const { runInThisContext } = Script.prototype;
  Script.prototype.runInThisContext = function (...args) {
    mark('compiled');
    const run = runInThisContext.apply(this, args);
    return (...given) => {
      run(...given);
      mark('evaluated');
    };
  };
  // A request begins with its head, an answer with its first part.
  const { write, push } = Duplex.prototype;
  const asked = new WeakMap();
  Duplex.prototype.write = function (chunk, ...more) {
    const [, method, path] = (typeof chunk === 'string' && /^([A-Z]+) (\S+) HTTP\/1/.exec(chunk)) || [];
    if (method !== undefined) {
      asked.set(this, path.startsWith('/api/') ? `${method} kubernetes` : 'ecr');
      mark(`start ${asked.get(this)}`);
    }
    return write.call(this, chunk, ...more);
  };
  Duplex.prototype.push = function (...given) {
    if (asked.has(this)) mark(`finish ${asked.get(this)}`);
    return push.apply(this, given);
  };
}
