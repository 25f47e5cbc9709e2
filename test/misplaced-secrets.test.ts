import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { options } from '../src/config/options.ts';
import { outerVariables } from '../src/config/variables.ts';
import { startJobStage, type JobStage } from './support/job-stage.ts';
import { shippedProgram, type ShippedProgram } from './support/shipped-program.ts';

// Put together here, so that what the tests print can be searched for them.
const kinds: Record<string, string> = {
  'a secret access key': ['kQ8/fz2LmP0Va7', 'XcR4tYbN1sD6hJ9gW3eU5oK+'].join('').padEnd(40, 'Zx'),
  'a session token': `IQoJ${Buffer.from('session token of nobody at all, '.repeat(6)).toString('base64')}`,
  'a token of ECR': Buffer.from(`AWS:${Buffer.from('{"payload":"of nobody"}'.repeat(5)).toString('base64')}`).toString(
    'base64',
  ),
  'a JSON Web Token': ['{"alg":"RS256"}', '{"sub":"nobody at all"}', 'signature of nobody']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.'),
  'a kubeconfig': `apiVersion: v1\nkind: Config\nusers:\n- name: me\n  user:\n    token: ${Buffer.from('of nobody, for the API').toString('hex')}\n`,
};
/** A piece of a secret that nobody would call harmless. */
const PIECE = 16;
const outputs: Record<string, { args: string[]; env: Record<string, string> }> = {
  'log text': { args: [], env: { LOG_FORMAT: 'text' } },
  'log JSON': { args: [], env: { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' } },
  '-o json': { args: ['-o', 'json'], env: {} },
  'doctor -v': { args: ['doctor', '-v'], env: {} },
};
/** Nothing hangs here for long: what is pasted may be an address. */
const quick = { ECR_DEADLINE: '3s', ECR_REQUEST_TIMEOUT: '1s' };

const pieces = Object.values(kinds).flatMap(piecesOf);

type Way = { args?: string[]; env?: Record<string, string> };
const ways = new Map<string, (secret: string) => Way>([
  ...options.flatMap(({ env, flags }) => [
    ...env.map((name): [string, (secret: string) => Way] => [name, (secret) => ({ env: { [name]: secret } })]),
    ...flags.map((name): [string, (secret: string) => Way] => [
      `--${name}`,
      (secret) => ({ args: [`--${name}=${secret}`] }),
    ]),
  ]),
  ...outerVariables.map(({ env }): [string, (secret: string) => Way] => [
    env,
    (secret) => ({ env: { [env]: secret } }),
  ]),
  ['an argument', (secret) => ({ args: [secret] })],
  ['an unknown flag', (secret) => ({ args: [`--token=${secret}`] })],
  ['the name of a flag', (secret) => ({ args: [`--${secret}`] })],
  ['a flag and then its value', (secret) => ({ args: ['--context', secret] })],
  ['an unknown variable of ours', (secret) => ({ env: { ECR_TOKEN: secret } })],
  ['a mistyped variable of AWS', (secret) => ({ env: { AWS_ACCES_KEY_ID: secret } })],
  [
    'a host among others',
    (secret) => ({ env: { DOCKER_REGISTRY: `123456789012.dkr.ecr.eu-west-1.amazonaws.com,${secret}` } }),
  ],
  ['the path of an address', (secret) => ({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:1/${secret}` } })],
  [
    'the password of a proxy',
    (secret) => ({ env: { HTTPS_PROXY: `http://me:${secret.split('\n').join('')}@127.0.0.1:1` } }),
  ],
]);

describe('a secret that somebody pasted into the wrong place comes out nowhere', { concurrency: 3 }, () => {
  let stage: JobStage;
  let program: ShippedProgram;
  before(async () => {
    // Many processes: the built program starts in a tenth of the time.
    program = await shippedProgram();
    stage = await startJobStage(program.command);
  });
  after(async () => {
    await stage.close();
    await program.close();
  });

  it('is tried in sixty places at least', () => assert.ok(ways.size >= 60, String(ways.size)));

  for (const [index, [where, way]] of [...ways].entries()) {
    const [kind, secret] = Object.entries(kinds)[index % Object.keys(kinds).length] ?? ['', ''];
    it(`${kind} as ${where}`, async () => {
      const { args = [], env = {} } = way(secret);
      for (const [output, form] of Object.entries(outputs)) {
        const run = await stage.run([...form.args, ...args], { ...quick, ...form.env, ...env });
        assert.notEqual(run.code, 1, `${output}: ${run.stderr}`);
        const printed = run.stdout + run.stderr;
        for (const piece of pieces) assert.ok(!printed.includes(piece), `${output}:\n${printed}`);
      }
    });
  }
});

/** Of the words that are secret. */
function piecesOf(secret: string): string[] {
  const words = secret.includes('\n') ? [secret.slice(secret.indexOf('token: ') + 7).trim()] : [secret];
  return words.flatMap((word) =>
    Array.from({ length: word.length - PIECE + 1 }, (_, start) => word.slice(start, start + PIECE)),
  );
}
