import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { impersonating } from '../../../../src/adapters/kubernetes/impersonation.ts';
import { kubeconfigConnection } from '../../../../src/adapters/kubernetes/kubeconfig/kubeconfig.ts';
import type { Credentials } from '../../../../src/adapters/kubernetes/connection.ts';
import { certificates } from '../api-server.ts';
import { until } from '../../../support/until.ts';
import { quietHost } from '../../../support/child-host.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

type Changes = { context?: string; env?: Record<string, string>; hasTerminal?: boolean };

type Parts = { cluster?: object; user?: object; context?: object; current?: string };

function kubeconfig({ cluster = {}, user = {}, context = {}, current = 'here' }: Parts): string {
  return JSON.stringify({
    'current-context': current,
    clusters: [{ name: 'c', cluster: { server: 'https://kube.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...context } }],
  });
}

describe('a kubeconfig', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-kubeconfig-'));
    await mkdir(join(directory, 'pki'));
    await writeFile(join(directory, 'pki/ca.crt'), certificates.ca);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const file = async (content: string, name = 'config') => {
    const path = join(directory, name);
    await writeFile(path, content);
    return path;
  };
  const opened = async (paths: string, settings: Changes = {}) => {
    const now = { ms: 0 };
    const learnt: string[] = [];
    const learn = (value?: string) => void learnt.push(value ?? '');
    const said: string[] = [];
    const endedPids: (number | undefined)[] = [];
    const found = await kubeconfigConnection(paths, {
      ...quietHost,
      env: {},
      ...settings,
      nowMs: () => now.ms,
      learn,
      said: (line) => void said.push(line),
      endChild: (child) => {
        endedPids.push(child.pid);
        child.kill('SIGKILL');
      },
    });
    return { found, now, learnt, said, endedPids };
  };
  const connection = async (parts: Parts, settings: Changes = {}) => {
    const { found, ...rest } = await opened(await file(kubeconfig(parts)), settings);
    assert.ok(found.ok, found.ok ? '' : found.failure.why);
    const { value } = found;
    const credentials = () => value.credentials();
    const renewed = (refused: Credentials) => value.renewed(refused);
    return { ...value, ...rest, credentials, renewed, sent: async () => (await credentials()).headers };
  };

  it('has the namespace of its context, where that names one', async () => {
    const named = await opened(await file(kubeconfig({ context: { namespace: 'shop' } })));
    assert.equal(named.found.ok && named.found.value.namespace, 'shop');
    const unnamed = await opened(await file(kubeconfig({})));
    assert.equal(unnamed.found.ok && unnamed.found.value.namespace, undefined);
  });

  it('says where the server is and how to speak to it', async () => {
    const { server, proxy, sent } = await connection({ user: { token: 'abc' } });
    assert.deepEqual(
      [server.href, proxy, await sent()],
      ['https://kube.example:6443/', undefined, { authorization: 'Bearer abc' }],
    );
  });
  it('has the server asked through its own proxy before that of the environment', async () => {
    const env = { HTTPS_PROXY: 'http://environment:1' };
    const own = await connection({ cluster: { 'proxy-url': 'http://own:2' } }, { env });
    assert.equal(own.proxy?.host, 'own:2');
    assert.equal((await connection({}, { env })).proxy?.host, 'environment:1');
  });
  it('has its authorities beside it, or in it', async () => {
    const beside = await connection({ cluster: { 'certificate-authority': 'pki/ca.crt' } });
    const within = await connection({ cluster: { 'certificate-authority-data': base64(certificates.ca) } });
    for (const each of [beside, within]) assert.equal((await each.credentials()).tls.ca, certificates.ca);
  });
  it('may name another server, or trust every one', async () => {
    const named = await connection({ cluster: { 'tls-server-name': 'other.example' } });
    assert.equal((await named.credentials()).tls.servername, 'other.example');
    const blind = await connection({ cluster: { 'insecure-skip-tls-verify': true } });
    assert.equal((await blind.credentials()).tls.rejectUnauthorized, false);
  });
  it('may show a certificate of the client, with its key', async () => {
    const { cert, key } = certificates.server;
    const data = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const { tls } = await (await connection({ user: data })).credentials();
    assert.deepEqual([tls.cert, tls.key], [cert, key]);
  });
  it('may ask on behalf of another user', async () => {
    const as = { token: 'abc', as: 'é', 'as-groups': ['a', 'b'], 'as-user-extra': { 'Scope/x': ['y'] } };
    assert.deepEqual(await (await connection({ user: as })).sent(), {
      authorization: 'Bearer abc',
      'impersonate-user': 'Ã©',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-scope%2fx': ['y'],
    });
  });
  it('may name a file of a token, which is read again after a minute, and before the token beside it', async () => {
    const path = await file('first\n', 'token');
    const { sent, now } = await connection({ user: { tokenFile: 'token', token: 'other' } });
    assert.equal((await sent())['authorization'], 'Bearer first');
    await writeFile(path, 'second');
    now.ms = 59_999;
    assert.equal((await sent())['authorization'], 'Bearer first');
    now.ms = 60_000;
    assert.equal((await sent())['authorization'], 'Bearer second');
  });
  it('gives other credentials than those that were refused, where there are any', async () => {
    const path = await file('first', 'token');
    const { credentials, renewed } = await connection({ user: { tokenFile: 'token' } });
    const used = await credentials();
    assert.equal(await renewed(used), undefined, 'the same again');
    await writeFile(path, 'second');
    assert.equal((await renewed(used))?.headers['authorization'], 'Bearer second');
  });
  it('gives the same objects for the same credentials, so that connections are kept', async () => {
    const { credentials, now } = await connection({
      user: { token: 'abc' },
      cluster: { 'certificate-authority': 'pki/ca.crt' },
    });
    const first = await credentials();
    now.ms = 120_000;
    assert.equal(await credentials(), first);
  });

  it('is one of several files, of which the first that says something counts, and what is not there is passed over', async () => {
    const one = await file(kubeconfig({ current: '', user: { token: 'one' } }), 'one');
    const two = await file(kubeconfig({ user: { token: 'two' } }), 'two');
    const { found } = await opened([join(directory, 'none'), one, two].join(':'));
    assert.ok(found.ok);
    assert.equal((await found.value.credentials()).headers['authorization'], 'Bearer one');
  });
  it('has every secret in it learnt', async () => {
    const exec = {
      command: 'x',
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      env: [{ name: 'API_TOKEN', value: 'of-the-plugin' }],
    };
    const { learnt } = await connection({ user: { token: 'the-token', exec } });
    for (const secret of ['the-token', 'of-the-plugin']) assert.ok(learnt.includes(secret), secret);
  });

  it('whose server is a scheme alone names none: kubectl would ask a host of that name', async () => {
    const { found } = await opened(await file(kubeconfig({ cluster: { server: 'https:' } })));
    assert.equal(found.ok ? '' : found.failure.why, 'the server https: is no URL');
  });
  it('that is no YAML is not quoted: a key may stand there', async () => {
    const { found } = await opened(await file('users: [{secret-of-mine'));
    assert.match(found.ok ? '' : found.failure.why, /^it is not YAML: [a-z ]+ \(line 1\)$/);
  });

  describe('with a plugin', () => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const plugin = async (script: string, more: Parts = {}, host: { hasTerminal?: boolean } = {}) => {
      const path = await file(`#!/bin/sh\n${script}\n`, 'plugin');
      const env = [{ name: 'GREETING', value: 'hello' }];
      const exec = { command: 'sh', args: [path], apiVersion, interactiveMode: 'IfAvailable', env };
      return connection({ ...more, user: { exec } }, { env: { PATH: process.env['PATH'] ?? '' }, ...host });
    };
    const issues = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}'`;

    it('uses what it issues, and learns it', async () => {
      const { sent, learnt } = await plugin(issues({ token: 'issued-token' }));
      assert.equal((await sent())['authorization'], 'Bearer issued-token');
      assert.ok(learnt.includes('issued-token'));
    });
    it('tells a line as it is said, and what waits for an answer', async () => {
      const script = `echo 'open this' >&2; printf 'Code: ' >&2; sleep 1.5; ${issues({ token: 't' })}`;
      const { credentials, said } = await plugin(script);
      let isOver = false;
      const pending = Promise.resolve(credentials()).then(() => (isOver = true));
      await until('both', () => said.length === 2);
      assert.deepEqual([said, isOver], [['open this', 'Code:'], false]);
      await pending;
    });
    it('tells how it failed: where it began, and where it ended', async () => {
      const failing = await plugin('seq 1 9 >&2; exit 3');
      await assert.rejects(
        async () => failing.credentials(),
        /sh, the plugin of the user u, ended with 3: 1; 2; …; 9$/,
      );
      const silent = await plugin('exit 3');
      await assert.rejects(async () => silent.credentials(), /ended with 3: it gave no reason$/);
    });
    it('is ended when it has not answered for a minute', async (context) => {
      const { credentials, endedPids } = await plugin('echo waiting >&2; exec sleep 70');
      context.mock.timers.enable({ apis: ['setTimeout'] });
      const pending = Promise.resolve(credentials());
      const failed = assert.rejects(pending, /did not end within 60 s/);
      context.mock.timers.tick(60_000);
      await failed;
      assert.equal(endedPids.length, 1);
    });
    it('may ask, and has as long as a person needs, where somebody sits before a terminal', async (context) => {
      const asking = 'case "$KUBERNETES_EXEC_INFO" in *interactive*true*) exec sleep 70;; *) exit 9;; esac';
      const { credentials } = await plugin(asking, {}, { hasTerminal: true });
      context.mock.timers.enable({ apis: ['setTimeout'] });
      const pending = Promise.resolve(credentials());
      const failed = assert.rejects(pending, /did not end within 300 s/);
      context.mock.timers.tick(299_999);
      context.mock.timers.tick(1);
      await failed;
    });
    it('runs it in its own environment and with what it is to know of the cluster', async () => {
      const told = issues({ token: 'TOKEN' }).replace('TOKEN', `'"$GREETING"'`);
      assert.equal((await (await plugin(told)).sent())['authorization'], 'Bearer hello');
      const info = 'case "$KUBERNETES_EXEC_INFO" in *interactive*false*) ;; *) exit 9;; esac';
      assert.equal((await (await plugin(`${info}\n${issues({ token: 't' })}`)).sent())['authorization'], 'Bearer t');
    });
    it('runs it again when what it issued has expired, and not before', async () => {
      const count = join(directory, 'count');
      await writeFile(count, '');
      const { sent, now } = await plugin(
        `echo x >> ${count}; ${issues({ token: 'TOKEN', expirationTimestamp: '1970-01-01T00:10:00Z' }).replace('TOKEN', `'"$(wc -l < ${count})"'`)}`,
      );
      assert.match(String((await sent())['authorization']), /1$/);
      now.ms = 599_999;
      assert.match(String((await sent())['authorization']), /1$/);
      now.ms = 600_000;
      assert.match(String((await sent())['authorization']), /2$/);
    });
    it('runs it again where the server refused what it issued, and not for each refusal', async () => {
      const count = join(directory, 'count');
      await writeFile(count, '');
      const script = `echo x >> ${count}; ${issues({ token: 'TOKEN' }).replace('TOKEN', `'"$(wc -l < ${count})"'`)}`;
      const { credentials, renewed, now } = await plugin(script);
      const first = await credentials();
      const second = await renewed(first);
      assert.match(String(second?.headers['authorization']), /2$/);
      now.ms = 9_999;
      assert.equal(await renewed(second ?? first), undefined);
      now.ms = 10_000;
      assert.match(String((await renewed(second ?? first))?.headers['authorization']), /3$/);
    });
  });

  it('with http:// has nothing sent that proves who asks, and says so where the server wants to know', async () => {
    const { sent, anonymous } = await connection({
      cluster: { server: 'http://kube.example' },
      user: { token: 'abc', as: 'jane' },
    });
    assert.deepEqual([await sent(), anonymous], [{}, 'kubeconfigs send none over http://']);
  });
  it('of somebody else is used on their behalf, with the same objects for the same credentials', async () => {
    const { ...own } = await connection({ user: { token: 'abc' } });
    const other = impersonating(own, 'system:serviceaccount:a:b', ['g']);
    const sent = await other.credentials();
    assert.deepEqual(sent.headers, {
      authorization: 'Bearer abc',
      'impersonate-user': 'system:serviceaccount:a:b',
      'impersonate-group': ['g'],
    });
    assert.equal(await other.credentials(), sent);
    assert.equal(await other.renewed(sent), undefined, 'there are no others');
  });
});
