import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { impersonating } from '../../../../src/adapters/kubernetes/impersonation.ts';
import { kubeconfigConnection } from '../../../../src/adapters/kubernetes/kubeconfig/kubeconfig.ts';
import type { Credentials } from '../../../../src/adapters/kubernetes/connection.ts';
import { certificates } from '../api-server.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

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
  const opened = async (paths: string, settings: { context?: string; env?: Record<string, string> } = {}) => {
    const now = { ms: 0 };
    const learnt: string[] = [];
    const learn = (value?: string) => void learnt.push(value ?? '');
    const found = await kubeconfigConnection(paths, { env: {}, ...settings, nowMs: () => now.ms, learn });
    return { found, now, learnt };
  };
  const connection = async (parts: Parts, settings: { context?: string; env?: Record<string, string> } = {}) => {
    const { found, ...rest } = await opened(await file(kubeconfig(parts)), settings);
    assert.ok(found.ok, found.ok ? '' : found.failure.why);
    const { value } = found;
    const credentials = () => value.credentials();
    const renewed = (refused: Credentials) => value.renewed(refused);
    return { ...value, ...rest, credentials, renewed, sent: async () => (await credentials()).headers };
  };
  const why = async (parts: Parts, settings: { context?: string } = {}) => {
    const { found } = await opened(await file(kubeconfig(parts)), settings);
    return found.ok ? 'it was taken' : `${found.failure.code}: ${found.failure.why}`;
  };

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
  it('may show a certificate of the client, with its key, and not without', async () => {
    const { cert, key } = certificates.server;
    const data = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const { tls } = await (await connection({ user: data })).credentials();
    assert.deepEqual([tls.cert, tls.key], [cert, key]);
    assert.match(
      await why({ user: { ...data, 'client-key-data': undefined } }),
      /has only one of client-certificate and client-key/,
    );
  });
  it('may log in with a user and a password, or on behalf of another user', async () => {
    const basic = await connection({ user: { username: 'me', password: 'p' } });
    assert.deepEqual(await basic.sent(), { authorization: `Basic ${base64('me:p')}` });
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
      env: [{ name: 'API_TOKEN', value: 'of-the-plugin' }],
    };
    const { learnt } = await connection({ user: { token: 'the-token', password: 'the-password', exec } });
    for (const secret of ['the-token', 'the-password', 'of-the-plugin']) assert.ok(learnt.includes(secret), secret);
  });

  const flaws: Record<string, [parts: Parts, why: RegExp, context?: string]> = {
    'without the context that is asked for': [
      {},
      /^KubeconfigInvalid: it has no context named other; it has here$/,
      'other',
    ],
    'without a current context': [{ current: '' }, /it has no context named \(none is set\)/],
    'whose context names no cluster': [{ context: { cluster: 'x' } }, /names no cluster that is in it/],
    'whose context names no user': [{ context: { user: 'x' } }, /names no user that is in it/],
    'whose server is no URL': [{ cluster: { server: 'kube.example' } }, /the server kube\.example is no URL/],
    'whose server speaks something else': [{ cluster: { server: 'ftp://kube' } }, /is no URL/],
    'whose proxy is none': [{ cluster: { 'proxy-url': 'socks5://x' } }, /^ProxyInvalid/],
    'with two tokens in one': [{ user: { token: 'a\nb' } }, /holds more than one token/],
    'whose authority is no certificate': [
      { cluster: { 'certificate-authority-data': base64('x') } },
      /is no PEM in base64/,
    ],
    'whose authority is not there': [{ cluster: { 'certificate-authority': 'none' } }, /certificate-authority: ENOENT/],
    'with a provider that kubectl has dropped': [
      { user: { 'auth-provider': { name: 'gcp' } } },
      /auth-provider gcp is one that kubectl has dropped/,
    ],
    'with a plugin of an old API': [
      { user: { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' } } },
      /v1 and v1beta1 are supported/,
    ],
    'with a plugin that has to ask a person': [
      { user: { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Always' } } },
      /needs a terminal/,
    ],
  };
  for (const [title, [parts, expected, context]] of Object.entries(flaws)) {
    it(`is invalid ${title}`, async () =>
      assert.match(await why(parts, context === undefined ? {} : { context }), expected));
  }
  it('that is no YAML is not quoted: a key may stand there', async () => {
    const { found } = await opened(await file('users: [{secret-of-mine'));
    assert.match(found.ok ? '' : found.failure.why, /^it is not YAML: [a-z ]+ \(line 1\)$/);
  });

  describe('with a plugin', () => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const plugin = async (script: string, more: Parts = {}) => {
      const path = await file(`#!/bin/sh\n${script}\n`, 'plugin');
      const exec = { command: 'sh', args: [path], apiVersion, env: [{ name: 'GREETING', value: 'hello' }] };
      return connection({ ...more, user: { exec } }, { env: { PATH: process.env['PATH'] ?? '' } });
    };
    const issues = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}'`;

    it('uses what it issues, and learns it', async () => {
      const { sent, learnt } = await plugin(issues({ token: 'issued-token' }));
      assert.equal((await sent())['authorization'], 'Bearer issued-token');
      assert.ok(learnt.includes('issued-token'));
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
    const failing: Record<string, [script: string, why: RegExp]> = {
      'ends with a code, in its own first words': ['echo one >&2; echo two >&2; exit 3', /ended with 3: one; two$/],
      'says nothing of why': ['exit 3', /ended with 3: it gave no reason/],
      'prints no JSON': ['echo token', /printed no JSON object/],
      'prints something else': [
        `echo '{"kind":"Secret"}'`,
        /printed no ExecCredential of client\.authentication\.k8s\.io\/v1/,
      ],
      'issues nothing': [issues({}), /issued neither a token nor a client certificate with its key/],
    };
    for (const [title, [script, expected]] of Object.entries(failing)) {
      it(`fails where it ${title}`, async () => {
        const { credentials } = await plugin(script);
        await assert.rejects(async () => credentials(), expected);
      });
    }
    it('fails where it is not installed', async () => {
      const exec = { command: 'no-such-plugin', apiVersion, installHint: 'Get it.' };
      const { credentials } = await connection({ user: { exec } });
      await assert.rejects(async () => credentials(), /is not installed\. Get it\.$/);
    });
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
