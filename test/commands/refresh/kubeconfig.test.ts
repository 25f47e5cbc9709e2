import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeKubeconfig } from '../../support/servers.ts';
import { startJobStage, type JobStage } from '../../support/job-stage.ts';

describe('outside a cluster', () => {
  let stage: JobStage;
  let outside: Record<string, string | undefined>;
  let kubeconfig: string;

  before(async () => {
    stage = await startJobStage();
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
    kubeconfig = join(stage.directory, 'kubeconfig');
    outside = {
      KUBERNETES_SERVICE_HOST: undefined,
      KUBERNETES_SERVICE_PORT: undefined,
      KUBECONFIG: kubeconfig,
      LOG_FORMAT: 'json',
    };
  });
  after(() => stage.close());

  it('uses the token of a kubeconfig', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    assert.equal((await stage.run([], outside)).code, 0);
  });

  it('warns where the token would go over the network unencrypted', async () => {
    const path = await writeKubeconfig(
      `${kubeconfig}-clear`,
      'http://192.0.2.1:1',
      { token: 'x' },
      stage.kubernetes.caPem,
    );
    const run = await stage.run([], { ...outside, KUBECONFIG: path, ECR_DEADLINE: '2s', ECR_REQUEST_TIMEOUT: '1s' });
    const line = run.lines.find(({ code }) => code === 'SentInClear');
    assert.equal(line?.['where'], 'http://192.0.2.1:1');
  });

  it('uses the client certificate of a kubeconfig', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig({ clientCertificate: true }));
    assert.equal((await stage.run([], outside)).code, 0);
  });

  it('merges the files that KUBECONFIG lists and passes over those that are not there', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    const list = [join(stage.directory, 'nothing'), kubeconfig].join(':');
    assert.equal((await stage.run([], { ...outside, KUBECONFIG: list })).code, 0);
  });

  it('names the contexts there are where the one asked for is not', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    const { code, lines } = await stage.run(['--context', 'production'], outside);
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.match(String(line?.['why']), /^it has no context named production; it has /);
  });

  it('shows the path of a key that is none: a path is no secret', async () => {
    const key = join(stage.directory, 'client.key');
    await writeFile(key, 'not a key\n');
    const user = { 'client-certificate': join(stage.directory, 'ca.crt'), 'client-key': key };
    const path = await writeKubeconfig(kubeconfig, stage.kubernetes.url, user, stage.kubernetes.caPem);
    const { code, lines } = await stage.run([], { ...outside, KUBECONFIG: path });
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.equal(line?.['why'], `client-key ${key} holds no PEM`);
  });

  const withUser = async (user: object) => {
    await writeKubeconfig(kubeconfig, stage.kubernetes.url, user, stage.kubernetes.caPem);
    return outside;
  };
  const withPlugin = async (script: string) => {
    const path = join(stage.directory, 'plugin');
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const apiVersion = 'client.authentication.k8s.io/v1';
    return withUser({ exec: { apiVersion, command: './plugin', interactiveMode: 'IfAvailable' } });
  };

  it('says that the user gives no credentials, not that a role is missing', async () => {
    const { code, lines } = await stage.run([], await withUser({}));
    assert.equal(code, 4);
    const line = lines.find(({ code }) => code === 'ApiCredentialsFailed');
    assert.match(
      String(line?.['why']),
      /^none were sent, as the user .* has no token, certificate or plugin, and the server says HTTP 403/,
    );
    const doctor = await stage.run(['doctor', '--output', 'json'], outside);
    const { findings }: { findings: { check: string; reason: string }[] } = JSON.parse(doctor.stdout);
    const ofCluster = findings.filter(({ check }) => /^kubernetes|^namespaces|^secrets/.test(check));
    assert.deepEqual(
      ofCluster.map(({ reason }) => reason),
      ['ApiAnswers', 'VersionSupported', 'ApiCredentialsFailed'],
    );
  });

  it('names the plugin that does not answer until the deadline, and ends it with what it started', async () => {
    const pids = join(stage.directory, 'pids');
    const env = await withPlugin(`echo $$ > ${pids}; sleep 60 & echo $! >> ${pids}; wait`);
    const { code, lines } = await stage.run(['--deadline', '2s', '--request-timeout', '1s'], env);
    assert.equal(code, 4);
    const line = lines.find(({ code }) => code === 'ApiCredentialsFailed');
    assert.match(String(line?.['why']), /plugin, the plugin of the user .*, had not answered$/);
    const left = (await readFile(pids, 'utf8'))
      .trim()
      .split('\n')
      .filter((pid) => existsSync(`/proc/${pid}/fd/0`));
    assert.deepEqual(left, []);
  });

  it('shows at a terminal what a plugin asks, and lets it be answered', async () => {
    const answer = `printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}'`;
    const { adminToken } = stage.kubernetes;
    const env = await withPlugin(`printf 'Code: ' >&2; read code; [ "$code" = 42 ] || exit 9; ${answer} ${adminToken}`);
    const child = stage.start(
      ['-qec', `${process.execPath} src/main.ts status`, '/dev/null'],
      { ...env, LOG_FORMAT: 'text', NO_COLOR: '1' },
      'pipe',
      'pipe',
      ['script'],
    );
    let shown = '';
    let answered = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (answered || !/said=Code:/.test(shown)) return;
      answered = true;
      child.stdin?.write('42\n');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.match(shown, /A program that issues credentials says .*said=Code:/);
    assert.match(shown, /team-a/);
    assert.notEqual(code, 4);
  });

  it('says so where there is no cluster at all', async () => {
    const { code, lines } = await stage.run([], { ...outside, KUBECONFIG: undefined });
    assert.equal(code, 2);
    assert.ok(lines.some(({ code }) => code === 'ClusterNotConfigured'));
  });
});
