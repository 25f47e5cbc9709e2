import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { startRegistry } from './server.ts';

const HELP = `Serves a container registry on 127.0.0.1 that asks for a login as Amazon ECR does.

  node emulators/registry/main.ts --password-from-env NAME [--port N] [--upstream URL]

  --password-from-env NAME   the variable that holds the password which the user AWS must give
  --port N                   the port; a free one where it is absent
  --upstream URL             a registry to pass everything on to; without it, one small image is served
  --help                     this text

Prints one line of JSON (url, host, images) when it is ready and runs until SIGTERM.
`;

const { values } = parseArgs({
  options: {
    'password-from-env': { type: 'string' },
    port: { type: 'string' },
    upstream: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const expected = process.env[values['password-from-env'] ?? ''];
if (values.help === true) process.stdout.write(HELP);
else if (expected === undefined) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else await run(expected);

async function run(password: string): Promise<void> {
  const registry = await startRegistry({
    accepts: (user, given) => user === 'AWS' && given === password,
    port: Number(values.port ?? '0'),
    ...(values.upstream === undefined ? {} : { upstream: values.upstream }),
  });
  const { url, host, images } = registry;
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  process.stdout.write(`${JSON.stringify({ url, host, images })}\n`);
  await stopped;
  await registry.close();
}
