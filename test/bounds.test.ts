import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Writable } from 'node:stream';
import { localCertificates } from '../emulators/certificates.ts';
import { troubledServers, writeKubeconfig } from './support/servers.ts';
import { startJobStage, type JobStage } from './support/job-stage.ts';

/** The heap of the shipped container. */
const small = { NODE_OPTIONS: '--max-old-space-size=36', ECR_DEADLINE: '20s' };
const block = 'x'.repeat(64 * 1024);

describe('what never ends is given up, in the memory of the container', () => {
  let stage: JobStage;
  const servers = troubledServers();
  before(async () => {
    stage = await startJobStage();
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
  });
  after(async () => {
    await servers.close();
    await stage.close();
  });

  const kubeconfig = async (server: string): Promise<string> =>
    writeKubeconfig(
      join(stage.directory, `kubeconfig-${Math.random()}`),
      server,
      { token: 'x' },
      (await localCertificates()).ca,
    );
  const endless = (begin: string) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(begin);
    pour(response);
  };

  it('an answer of ECR', { timeout: 30_000 }, async () => {
    const answer = endless('{"authorizationData":[{"authorizationToken":"');
    const port = await servers.listen(createHttpServer((_, response) => answer(response)));
    const run = await stage.run([], { ...small, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1' });
    assert.equal(run.code, 3);
    const line = run.lines.find(({ code }) => code === 'AwsReplyInvalid');
    assert.match(String(line?.['why']), /larger than 1 MiB/);
  });

  for (const [what, variable] of [
    ['the Pod Identity agent', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
    ['instance metadata', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'],
  ] as const) {
    it(`an answer of ${what}`, { timeout: 30_000 }, async () => {
      const answer = endless('{"AccessKeyId":"');
      const port = await servers.listen(createHttpServer((_, response) => answer(response)));
      const keys = {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_EC2_METADATA_DISABLED: 'false',
      };
      const run = await stage.run([], { ...small, ...keys, [variable]: `http://127.0.0.1:${port}/` });
      assert.equal(run.code, 3, run.stderr);
      assert.match(run.stderr, /AwsCredentialsMissing/);
    });
  }

  it('a list of namespaces', { timeout: 30_000 }, async () => {
    const answer = endless('{"kind":"NamespaceList","items":[{"metadata":{"name":"');
    const { server } = await localCertificates();
    const port = await servers.listen(createHttpsServer(server, (_, response) => answer(response)));
    const run = await stage.run([], { ...small, KUBECONFIG: await kubeconfig(`https://127.0.0.1:${port}`) });
    assert.equal(run.code, 4);
    const line = run.lines.find(({ code }) => code === 'ApiListFailed');
    assert.match(String(line?.['why']), /larger than 2 MiB/);
  });

  for (const [whose, env] of [
    ['AWS', async () => ({ AWS_ENDPOINT_URL: undefined, AWS_MAX_ATTEMPTS: '1' })],
    ['the API server', async () => ({ KUBECONFIG: await kubeconfig('https://api.example:6443') })],
  ] as const) {
    it(`the head of a proxy's answer on the way to ${whose}`, { timeout: 30_000 }, async () => {
      const port = await servers.listen(
        createTcpServer((socket) => {
          socket.write('HTTP/1.1 200 OK\r\nX-Endless: ');
          pour(socket);
        }),
      );
      const run = await stage.run([], { ...small, HTTPS_PROXY: `http://127.0.0.1:${port}`, ...(await env()) });
      assert.ok(run.code === 3 || run.code === 4, run.stderr);
      assert.match(run.stderr, new RegExp(`the proxy 127\\.0\\.0\\.1:${port}: `));
    });
  }

  it(
    'namespaces with so much on them that a page is too large are read a few at a time',
    { timeout: 30_000 },
    async () => {
      const annotations = { note: 'n'.repeat(200_000) };
      const names = Array.from({ length: 60 }, (_, index) => `heavy-${index}`);
      for (const name of names) {
        const metadata = { name, labels: { credentialType: 'ecr' }, annotations };
        stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      }
      for (const args of [[], ['status'], ['doctor']]) {
        const run = await stage.run(args, small);
        assert.doesNotMatch(run.stdout + run.stderr, /MiB/, args.join(' '));
        if (args.length === 0) assert.equal(run.code, 0, run.stderr);
      }
      for (const name of names) assert.ok(stage.login(name));
      // The first page was too large three times; the others were asked for with as few at once as went well.
      stage.kubernetes.stats.reset();
      assert.equal((await stage.run([], small)).code, 0);
      const lists = stage.kubernetes.stats.requests['LIST namespaces'] ?? 0;
      assert.ok(lists > 3 && lists <= 4 + Math.ceil(60 / 7), `${lists} lists`);
    },
  );
});

describe('what HTTP cannot carry is no bug', () => {
  let stage: JobStage;
  before(async () => {
    stage = await startJobStage();
  });
  after(() => stage.close());

  it('a token file with more than a token is named', async () => {
    const path = join(stage.directory, 'token');
    await writeFile(path, 'first\nsecond\n');
    const run = await stage.run();
    await writeFile(path, stage.kubernetes.serviceAccountToken('ecr-cred-helper', 'ecr-cred-helper'));
    assert.equal(run.code, 2);
    assert.ok(
      run.lines.some(({ code, why }) => code === 'ClusterNotConfigured' && /holds a line break/.test(String(why))),
    );
  });

  for (const [what, token, said] of [
    ['a line break', 'first\nsecond', /the token of the user emulator holds a line break/],
    [
      'a letter beyond ASCII',
      'tökén',
      /the token of the user emulator holds the character U\+00F6, which no token has/,
    ],
  ] as const) {
    it(`a kubeconfig's token with ${what} is named`, async () => {
      const path = join(stage.directory, 'kubeconfig');
      await writeFile(path, stage.kubernetes.kubeconfig({ token }));
      const run = await stage.run(['status'], { KUBECONFIG: path });
      assert.equal(run.code, 2);
      assert.ok(run.lines.some(({ code, why }) => code === 'KubeconfigInvalid' && said.test(String(why))));
    });
  }

  it('--as with a line break is refused, and with letters of any script is sent', async () => {
    const broken = await stage.run(['status', '--as', 'a\nb']);
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /line break/);
    const path = join(stage.directory, 'kubeconfig');
    await writeFile(path, stage.kubernetes.kubeconfig());
    const sent = await stage.run(['status', '--as', 'žena'], { KUBECONFIG: path });
    assert.equal(sent.code, 4);
    assert.match(sent.stderr, /User \\"žena\\" cannot list|User "žena" cannot list/);
  });

  it('a name and a page token with half a character are', async () => {
    const items = [{ metadata: { name: 'a\uD800' } }, { metadata: { name: 'team-a' } }];
    const body = { kind: 'NamespaceList', apiVersion: 'v1', metadata: { continue: 'c\uDC00' }, items };
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
    const text = JSON.stringify(body);
    stage.kubernetes.faults.add({
      match: { verb: 'list', resource: 'namespaces' },
      times: 1,
      effect: { status: 200, body: text, headers: { 'content-type': 'application/json' } },
    });
    const run = await stage.run();
    stage.kubernetes.faults.clear();
    assert.equal(run.code, 5);
    assert.ok(stage.login('team-a'));
    assert.doesNotMatch(run.stderr, /bug/);
  });
});

/** Writes for ever, as fast as it is read. */
function pour(stream: Writable): void {
  const more = () => {
    while (!stream.destroyed && stream.write(block));
  };
  stream.on('drain', more);
  more();
}
