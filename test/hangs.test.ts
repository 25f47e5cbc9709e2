import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { startConnectProxy } from '../emulators/registry/connect-proxy.ts';
import { localCertificates } from '../emulators/certificates.ts';
import { troubledServers, writeKubeconfig } from './support/servers.ts';
import { startJobStage, type JobStage } from './support/job-stage.ts';
import { shippedProgram, type ShippedProgram } from './support/shipped-program.ts';
import { until } from './support/until.ts';

const DEADLINE_MS = 2000;
/** What a start and an end may take on a busy machine. What hung before took 15 s and more, or did not end. */
const START_MS = 5000;
const quick = { ECR_DEADLINE: `${DEADLINE_MS / 1000}s` };
const commands = { refresh: [], doctor: ['doctor'], status: ['status'], prune: ['prune', '--yes'] };

/** What is set for a run, and what it has to name. */
type Trouble = { env: Record<string, string | undefined>; names: RegExp; childrenIn?: string };

describe('every command ends by its deadline and a second', { concurrency: 4 }, () => {
  let stage: JobStage;
  let program: ShippedProgram;
  const servers = troubledServers();
  let count = 0;
  const troubles = new Map<string, () => Promise<Trouble>>();

  before(async () => {
    // Many processes: the built program starts in a tenth of the time.
    program = await shippedProgram();
    stage = await startJobStage(program.command);
  });
  after(async () => {
    await servers.close();
    await stage.close();
    await program.close();
  });

  const silent = () => servers.listen(createTcpServer());
  const half = '{"kind":"NamespaceList","items":[{"metadata"';
  const answers: Record<string, (response: ServerResponse) => void> = {
    'at the head': () => undefined,
    'before the body': (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).flushHeaders(),
    'after half a body': (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write(half);
    },
  };
  const kubeconfig = (name: string, ...given: [server: string, user: object, ca: string]) =>
    writeKubeconfig(join(stage.directory, `${name}-${(count += 1)}.kubeconfig`), ...given);

  const apiTrouble = async (name: string, port: number): Promise<Trouble> => {
    const { ca } = await localCertificates();
    const path = await kubeconfig(`api-${name.replaceAll(' ', '-')}`, `https://127.0.0.1:${port}`, { token: 'x' }, ca);
    return { env: { KUBECONFIG: path }, names: new RegExp(`127\\.0\\.0\\.1:${port}`) };
  };
  troubles.set('an API server that takes no connection', async () =>
    apiTrouble('connect', await servers.unaccepting()),
  );
  troubles.set('an API server that hangs in TLS', async () => apiTrouble('tls', await silent()));
  const awsTrouble = (port: number): Trouble => ({
    env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    names: /no answer within|deadline|timed out|not answer in time|stopped/i,
  });
  troubles.set('an AWS endpoint that takes no connection', async () => awsTrouble(await servers.unaccepting()));
  troubles.set('an AWS endpoint that hangs in TLS', async () => ({
    env: { AWS_ENDPOINT_URL: `https://127.0.0.1:${await silent()}` },
    names: /deadline/i,
  }));
  for (const [where, answer] of Object.entries(answers)) {
    troubles.set(`an API server that hangs ${where}`, async () => {
      const { server } = await localCertificates();
      return apiTrouble(where, await servers.listen(createHttpsServer(server, (_, response) => answer(response))));
    });
    troubles.set(`an AWS endpoint that hangs ${where}`, async () =>
      awsTrouble(await servers.listen(createHttpServer((_, response) => answer(response)))),
    );
  }
  troubles.set('an API server that refuses every connection', async () => {
    const path = await kubeconfig('refuses', 'https://127.0.0.1:1', { token: 'x' }, (await localCertificates()).ca);
    return { env: { KUBECONFIG: path }, names: /ECONNREFUSED 127\.0\.0\.1:1/ };
  });
  const proxies: Record<string, () => Promise<string>> = {
    'takes no connection': async () => `http://127.0.0.1:${await servers.unaccepting()}`,
    'hangs at CONNECT': async () => `http://127.0.0.1:${await silent()}`,
    'hangs in the midst of its head': async () =>
      `http://127.0.0.1:${await servers.listen(createTcpServer((socket) => void socket.write('HTTP/1.1 200 OK\r\nX-A: ')))}`,
    'hangs behind the tunnel': async () => {
      const target = `127.0.0.1:${await silent()}`;
      const proxy = await startConnectProxy({ route: () => target });
      servers.closing(proxy.close);
      return proxy.url;
    },
  };
  for (const [how, start] of Object.entries(proxies)) {
    troubles.set(`a proxy to AWS that ${how}`, async () => ({
      env: { HTTPS_PROXY: await start(), AWS_ENDPOINT_URL: undefined },
      names: /deadline/i,
    }));
    troubles.set(`a proxy to the API server that ${how}`, async () => {
      const path = await kubeconfig(
        `proxy-${how.replaceAll(' ', '-')}`,
        'https://api.example:6443',
        { token: 'x' },
        (await localCertificates()).ca,
      );
      return { env: { HTTPS_PROXY: await start(), KUBECONFIG: path }, names: /api\.example:6443/ };
    });
  }
  const child = 'sleep 300 & echo $$ >> "$0"; echo $! >> "$0"; wait';
  const pidsOf = (name: string) => join(stage.directory, `${name}-${(count += 1)}.pids`);
  troubles.set('an exec plugin that hangs, with a child', async () => {
    const pids = pidsOf('plugin');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', child, pids],
      interactiveMode: 'Never',
    };
    const path = await kubeconfig('plugin', stage.kubernetes.url, { exec }, stage.kubernetes.caPem);
    return { env: { KUBECONFIG: path }, names: /sh, the plugin of the user u,/, childrenIn: pids };
  });
  troubles.set('a credential process that hangs, with a child', async () => {
    const pids = pidsOf('process');
    const config = `${pids}.config`;
    await writeFile(config, `[default]\ncredential_process = sh -c '${child}' ${pids}\n`);
    return {
      env: { AWS_CONFIG_FILE: config, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      names: /credential chain/i,
      childrenIn: pids,
    };
  });

  for (const [what, hang] of troubles) {
    it(`controller, once it is told to stop, with ${what}`, { timeout: 20_000 }, async () => {
      const { env, childrenIn } = await hang();
      const own = { ECR_SHUTDOWN_GRACE: '1s', ECR_LEADER_ELECTION: 'false', ECR_LISTEN: '127.0.0.1:0' };
      const child = stage.start(['controller'], { ...own, ...env });
      if (child.stderr === null) throw new Error('it has a pipe');
      await once(createInterface({ input: child.stderr }), 'line');
      // What hangs says nothing that could be waited for; it is told to stop in the midst.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const beganMs = performance.now();
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      const tookMs = performance.now() - beganMs;
      assert.ok(tookMs < 2000 + START_MS, `it took ${Math.round(tookMs)} ms`);
      if (childrenIn !== undefined) await noneRuns(childrenIn);
    });

    for (const [command, args] of Object.entries(commands)) {
      const isAboutAws = /AWS|credential process/.test(what);
      if (isAboutAws && (command === 'status' || command === 'prune')) continue;
      it(`${command}, with ${what}`, { timeout: 20_000 }, async () => {
        const { env, names, childrenIn } = await hang();
        stage.kubernetes.createNamespace(`n-${Math.random().toString(36).slice(2)}`, { credentialType: 'ecr' });
        const beganMs = performance.now();
        const run = await stage.run(args, { ...quick, ...env });
        const tookMs = performance.now() - beganMs;
        assert.ok(tookMs < DEADLINE_MS + 1000 + START_MS, `it took ${Math.round(tookMs)} ms`);
        assert.ok([3, 4, 5].includes(run.code ?? -1), `${run.code}: ${run.stderr}${run.stdout}`);
        assert.match(run.stderr + run.stdout, names);
        assert.doesNotMatch(run.stderr, /This is a bug/);
        if (childrenIn !== undefined) await noneRuns(childrenIn);
      });
    }
  }
});

async function noneRuns(listed: string): Promise<void> {
  const pids = (await readFile(listed, 'utf8')).trim().split('\n').map(Number);
  assert.ok(pids.length >= 2, 'the plugin and its child ran');
  // Who is killed is gone a moment later: the system has to come to it.
  await until(`of ${pids.join(', ')} none runs`, () => !pids.some(isRunning), 1000);
}

function isRunning(pid: number): boolean {
  // One that has ended and that nobody has asked for yet is a zombie.
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
