import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startAws } from '../emulators/aws/server.ts';
import { createAuthority } from '../emulators/certificates.ts';
import { sameMutant } from './mutants/lent.ts';
import { until } from './support/until.ts';
import { ended, startJobStage, type JobStage } from './support/job-stage.ts';
import { passwordOf } from './support/login.ts';

const labels = { credentialType: 'ecr' };

/** Only Linux has one. */
const fullDisk = existsSync('/dev/full') ? '/dev/full' : '/dev/null';

/** Code that runs inside the program before it does. */
const planted = (code: string) => {
  const { NODE_OPTIONS = '' } = sameMutant();
  return { NODE_OPTIONS: `${NODE_OPTIONS} --import=data:text/javascript,${encodeURIComponent(code)}` };
};

describe('the process', () => {
  let stage: JobStage;
  before(async () => {
    stage = await startJobStage();
  });
  after(() => stage.close());
  beforeEach(() => stage.kubernetes.faults.clear());

  const hangs = (verb: string) => stage.kubernetes.faults.add({ match: { verb }, effect: { hang: true } });

  const bugs: Record<string, string> = {
    'an exception that nobody catches': 'throw new Error("planted")',
    'a rejection that nobody handles': 'Promise.reject(new Error("planted"))',
  };
  for (const [bug, code] of Object.entries(bugs)) {
    for (const command of ['refresh', 'controller']) {
      it(`${command} ends at once with 1 and the stack at ${bug}, whatever hangs`, { timeout: 10_000 }, async () => {
        hangs('list');
        const listen = command === 'controller' ? { ECR_LISTEN: '127.0.0.1:0' } : {};
        const run = await stage.run([command], { ...planted(`setTimeout(() => { ${code} }, 500)`), ...listen });
        assert.equal(run.code, 1);
        assert.match(
          run.stderr,
          /This is a bug in ecr-cred-helper .*; please report it: https:\/\/github\.com\/\S+\/issues\nError: planted\n +at /,
        );
      });
    }
  }

  it('shows no secret in the stack of a bug, and starts no line that a message does not have', async () => {
    const secret = ['of', 'nobody', 'Xy7', 'zQ9'].join('/').repeat(2);
    const code = 'setTimeout(() => { throw new Error(`a ${process.env.AWS_SECRET_ACCESS_KEY}\\u001b[2J`) }, 300)';
    hangs('list');
    const run = await stage.run([], { ...planted(code), AWS_SECRET_ACCESS_KEY: secret });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /\nError: a \[redacted\]\\u001b\[2J\n +at /);
    assert.ok(!run.stderr.includes(secret.slice(0, 12)));
  });

  it('needs no home: user ids of OpenShift stand in no passwd', async () => {
    const homeless = `
      import { syncBuiltinESMExports } from 'node:module';
      import os from 'node:os';
      os.homedir = () => { throw new Error('uv_os_homedir returned ENOENT'); };
      syncBuiltinESMExports();`;
    const { podIdentityToken, containerCredentialsUrl } = stage.aws.defaults;
    const ofPod = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: containerCredentialsUrl,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: podIdentityToken,
    };
    const nothing = { HOME: undefined, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const run = await stage.run([], { ...planted(homeless), ...nothing, ...ofPod });
    assert.equal(run.code, 0);
    const outside = { KUBERNETES_SERVICE_HOST: undefined };
    assert.equal((await stage.run([], { ...planted(homeless), ...nothing, ...ofPod, ...outside })).code, 2);
  });

  it('has not succeeded where nothing is left to wait for and nobody said so', async () => {
    const run = await stage.run(['help'], planted('process.stdout.write = () => true'));
    assert.equal(run.code, 1);
  });

  it('ends when it is done, though a timer and a socket are still there', { timeout: 10_000 }, async () => {
    const left = 'import("node:net").then(({ createServer }) => createServer().listen(0)); setInterval(() => {}, 1000)';
    assert.equal((await stage.run(['--version'], planted(left))).code, 0);
  });

  for (const [first, second] of [
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
  ] as const) {
    it(`ends at ${first} and then ${second}, though what is under way hangs`, { timeout: 10_000 }, async () => {
      stage.kubernetes.createNamespace(`hangs-${first}-${second}`.toLowerCase(), labels);
      stage.kubernetes.stats.reset();
      hangs('patch');
      const child = stage.start([]);
      const exit = once(child, 'exit');
      await until('a patch is on its way', () => (stage.kubernetes.stats.counts().requests['PATCH secrets'] ?? 0) > 0);
      child.kill(first);
      for await (const line of createInterface({ input: child.stderr ?? process.stdin }))
        if (line.includes('Stopping')) break;
      child.kill(second);
      assert.deepEqual(await exit, [null, second]);
    });
  }

  describe('though nobody takes what it says', () => {
    const losses: Record<string, (env: Record<string, string>) => ChildProcess> = {
      'its reader goes away': (env) => {
        const child = stage.start([], env);
        child.stderr?.once('data', () => child.stderr?.destroy());
        return child;
      },
      'its disk is full': (env) => {
        const disk = openSync(fullDisk, 'w');
        const child = stage.start([], env, disk, disk);
        closeSync(disk);
        return child;
      },
      'its reader does not read': (env) => stage.start(['-o', 'json'], { ...env, LOG_LEVEL: 'debug' }),
      'its terminal goes away': (env) => {
        const child = stage.start([], env);
        child.stderr?.once('data', () => child.kill('SIGHUP'));
        return child;
      },
    };
    for (const [loss, start] of Object.entries(losses)) {
      it(`a pass writes every secret where ${loss}`, { timeout: 20_000 }, async () => {
        // More of them are logged than the pipe holds, and what this process reads ahead.
        const names = Array.from({ length: 3000 }, (_, index) => `${loss.replaceAll(/[^a-z]/g, '-')}-${index}`);
        for (const name of names) stage.kubernetes.createNamespace(name, labels);
        const child = start({ ECR_CONCURRENCY: '32' });
        const [code] = (await once(child, 'exit')) as [number | null]; // as Node emits it
        child.stderr?.destroy();
        assert.equal(code, 0);
        assert.deepEqual(
          names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') === undefined),
          [],
        );
        for (const name of names) stage.kubernetes.deleteNamespace(name);
      });
    }

    it('prune removes all that it should', { timeout: 20_000 }, async () => {
      const path = join(stage.directory, 'kubeconfig');
      await writeFile(path, stage.kubernetes.kubeconfig());
      const names = Array.from({ length: 30 }, (_, index) => `pruned-${index}`);
      for (const name of names) stage.kubernetes.createNamespace(name, labels);
      assert.equal((await stage.run()).code, 0);
      for (const name of names)
        stage.kubernetes.apply({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, labels: { credentialType: 'none' } },
        });
      const child = stage.start(['prune', '--yes'], { KUBECONFIG: path });
      const exit = once(child, 'exit');
      child.stdout?.destroy();
      child.stderr?.destroy();
      assert.deepEqual(await exit, [0, null]);
      assert.deepEqual(
        names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined),
        [],
      );
    });

    it('the controller goes on, and ends when it is told to', { timeout: 20_000 }, async () => {
      const path = join(stage.directory, 'kubeconfig');
      await writeFile(path, stage.kubernetes.kubeconfig());
      const env = { KUBECONFIG: path, ECR_LEADER_ELECTION: 'false', ECR_LISTEN: '127.0.0.1:0' };
      const child = stage.start(['controller'], env);
      const exit = once(child, 'exit');
      child.stderr?.once('data', () => child.stderr?.destroy());
      child.stdout?.destroy();
      for (const name of ['afterwards-1', 'afterwards-2']) {
        stage.kubernetes.createNamespace(name, labels);
        await until(`${name} is served`, () => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined);
        child.kill('SIGHUP');
      }
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    });
  });

  const outputs: Record<string, [args: string[], code: number]> = {
    help: [['help'], 0],
    'the completion script': [['completion', 'bash'], 0],
    'the summary of a pass': [['--output', 'json'], 0],
    'the table of status': [['status'], 4],
    'what doctor finds': [['doctor', '-v'], 5],
  };
  for (const [output, [args, code]] of Object.entries(outputs)) {
    it(`shows no stack where nobody reads ${output}, nor where the disk is full`, { timeout: 20_000 }, async () => {
      const child = stage.start(args);
      child.stdout?.destroy();
      const unread = await ended(child);
      assert.doesNotMatch(unread.stderr, /bug|EPIPE|\n +at /);
      const disk = openSync(fullDisk, 'w');
      const full = await ended(stage.start(args, {}, disk));
      closeSync(disk);
      assert.doesNotMatch(full.stderr, /bug|ENOSPC|\n +at /);
      assert.deepEqual([unread.code, full.code], [code, code]);
    });
  }

  describe('under variables of Node that turn protection off', () => {
    it('verifies certificates though NODE_TLS_REJECT_UNAUTHORIZED forbids it, and says so', async () => {
      const other = await createAuthority('somebody else');
      const bundle = join(stage.directory, 'other.pem');
      await writeFile(bundle, other.ca);
      const secure = await startAws({ tls: true });
      const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', AWS_ENDPOINT_URL: secure.url, AWS_CA_BUNDLE: bundle };
      const run = await stage.run([], env);
      await secure.close();
      assert.equal(run.code, 3);
      assert.ok(run.lines.some(({ code }) => code === 'AwsTlsUntrusted'));
      const warned = run.lines.find(({ code }) => code === 'VariableOverruled');
      assert.equal(warned?.['where'], 'NODE_TLS_REJECT_UNAUTHORIZED');
      assert.equal(secure.stats.calls.length, 0);
    });

    it('prints no header though NODE_DEBUG asks for all', async () => {
      stage.kubernetes.createNamespace('debugged', labels);
      const run = await stage.run([], { NODE_DEBUG: 'http,https,net,tls,http2,fetch' });
      assert.equal(run.code, 0);
      assert.match(run.stderr, /NET \d+: /);
      const token = await readFile(join(stage.directory, 'token'), 'utf8');
      const password = passwordOf(Object.values(stage.login('debugged').auths)[0]);
      for (const secret of [token, password]) {
        for (let at = 0; at + 24 <= secret.length; at += 8) assert.ok(!run.stderr.includes(secret.slice(at, at + 24)));
      }
    });
  });
});
