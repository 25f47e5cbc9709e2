'use strict';
// Every npm script begins with this, in a form that the oldest Node can read: on Linux they run on the Node that `npm ci`
// installs, elsewhere on the machine's own, and that may be too old for what follows.
const { engines } = require('../package.json');

const needed = engines.node.replace('>=', '');
const own = process.versions.node;
const parts = (version) => version.split('.').map(Number);
const [major, minor] = parts(needed);
const [ownMajor, ownMinor] = parts(own);

if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  const script = process.env.npm_lifecycle_event || 'this';
  console.error(
    `npm run ${script} needs Node.js ${needed} or newer, and ${process.execPath} is ${own}: ` +
      'install a newer one from https://nodejs.org, or on Linux let `npm ci` install one with the project',
  );
  process.exit(2);
}
