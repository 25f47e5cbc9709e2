import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { localCertificates } from '../../../emulators/certificates.ts';
import { startConnectProxy } from '../../../emulators/registry/connect-proxy.ts';
import { createIdentitySource } from '../../../src/adapters/aws/identity.ts';
import { createTokenSource } from '../../../src/adapters/aws/tokens.ts';
import { until } from '../../support/until.ts';
import { quietHost } from '../../support/child-host.ts';
import type { AwsReply, TokenRequest } from '../../../src/core/secret/token.ts';

const { ca } = await localCertificates();
const request: TokenRequest = { region: 'us-east-1', registries: [], fips: false, dualStack: false };

describe('a token of ECR', () => {
  let aws: AwsEmulator;
  let directory: string;
  let learnt: string[];
  /** The SDK reads its settings from the environment of the process. */
  const given = { ...process.env };

  before(async () => {
    aws = await startAws({ tls: true });
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-aws-'));
    await writeFile(join(directory, 'ca.pem'), ca);
  });
  after(async () => {
    await aws.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    learnt = [];
    aws.stats.reset();
    set({
      HOME: directory,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_CA_BUNDLE: join(directory, 'ca.pem'),
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });
  afterEach(() => {
    aws.faults.clear();
    for (const name of Object.keys(process.env)) if (!(name in given)) delete process.env[name];
    Object.assign(process.env, given);
  });

  function set(variables: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  const options = (requestTimeoutMs = 5000) => ({
    ...quietHost,
    env: process.env,
    requestTimeoutMs,
    userAgent: 'ecr-cred-helper/1.2.3',
    learn: (value?: string) => void (value !== undefined && learnt.push(value)),
  });
  const issued = async (
    changes: Partial<TokenRequest> = {},
    requestTimeoutMs?: number,
    stop = new AbortController(),
  ) => {
    const source = createTokenSource(options(requestTimeoutMs));
    assert.ok(source.ok, source.ok ? '' : source.failure.code);
    return source.value.issue({ ...request, ...changes }, stop.signal);
  };
  const inWords = (reply: AwsReply) =>
    reply.kind === 'answer' ? 'a token' : `${reply.service}: ${reply.name} ${reply.causeCode ?? ''}`.trim();

  it('comes with its registry, its end and the host that answered, and is learnt with what it was signed with', async () => {
    const reply = await issued();
    assert.ok(reply.kind === 'answer');
    assert.match(reply.proxyEndpoint ?? '', /^https:\/\/123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com$/);
    assert.ok((reply.expiresAtMs ?? 0) > Date.now());
    assert.equal(`https://${reply.host}`, aws.url);
    const password = Buffer.from(reply.authorizationToken ?? '', 'base64')
      .toString()
      .replace('AWS:', '');
    for (const secret of [reply.authorizationToken ?? '-', password, aws.defaults.secretAccessKey]) {
      assert.ok(learnt.includes(secret));
    }
  });
  it('is signed with the key of the profile that is named, though there is one in the environment', async () => {
    const { accessKeyId, secretAccessKey } = aws.defaults;
    const files = join(directory, 'credentials');
    await writeFile(files, `[named]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
    set({ AWS_SHARED_CREDENTIALS_FILE: files, AWS_ACCESS_KEY_ID: 'AKIANOBODYKNOWSTHIS0' });
    assert.match(inWords(await issued()), /^ecr: UnrecognizedClientException/);
    set({ AWS_PROFILE: 'named' });
    assert.equal(inWords(await issued()), 'a token');
  });
  it('is asked for in its region', async () => {
    const reply = await issued({ region: 'eu-west-1' });
    assert.match(reply.kind === 'answer' ? (reply.proxyEndpoint ?? '') : '', /eu-west-1/);
  });
  it('is one of what the SDK shows, of whatever type that is', async () => {
    for (const body of ['{}', '{"authorizationData":[{"authorizationToken":7,"proxyEndpoint":{}}]}']) {
      aws.faults.add({ match: { service: 'ecr' }, times: 1, effect: { status: 200, body } });
      const reply = await issued();
      assert.ok(reply.kind === 'answer', inWords(reply));
      assert.deepEqual([reply.authorizationToken, reply.proxyEndpoint], [undefined, undefined]);
    }
  });
  it('comes by way of the proxy that is set, and directly where the host is exempt', async () => {
    const { host } = new URL(aws.url);
    const proxy = await startConnectProxy({ route: () => host });
    try {
      set({ HTTPS_PROXY: proxy.url, AWS_ENDPOINT_URL: 'https://localhost.example:8443', NO_PROXY: undefined });
      // The certificate is for another name: it is enough that it is asked through the proxy.
      assert.match(inWords(await issued()), /ERR_TLS_CERT_ALTNAME_INVALID/);
      set({ NO_PROXY: 'localhost.example' });
      assert.match(inWords(await issued()), /ENOTFOUND|EAI_AGAIN/);
    } finally {
      await proxy.close();
    }
  });
  it('is not asked for through a proxy that is none', () => {
    set({ HTTPS_PROXY: 'ftp://x' });
    const source = createTokenSource(options());
    assert.equal(source.ok ? '' : source.failure.code, 'ProxyInvalid');
  });
  it('is not taken from a server whose authority is not in AWS_CA_BUNDLE', async () => {
    set({ AWS_CA_BUNDLE: undefined });
    assert.match(inWords(await issued()), /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
    assert.equal(aws.stats.calls.length, 0, 'and nothing was sent to it');
  });
  for (const [title, content] of Object.entries({
    'is not there': undefined,
    'holds no certificate': 'text',
    'holds something else in place of one': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  })) {
    it(`is not asked for where AWS_CA_BUNDLE ${title}`, async () => {
      const path = join(directory, 'other.pem');
      await rm(path, { force: true });
      if (content !== undefined) await writeFile(path, content);
      set({ AWS_CA_BUNDLE: path });
      const source = createTokenSource(options());
      assert.equal(source.ok ? '' : source.failure.code, 'CertificatesUnreadable');
    });
  }
  it('is refused with the name, the words and the id that AWS gives it', async () => {
    aws.faults.add({ match: { service: 'ecr' }, effect: { error: 'AccessDeniedException' } });
    const reply = await issued();
    assert.ok(reply.kind === 'error');
    assert.deepEqual([reply.name, reply.service, reply.status], ['AccessDeniedException', 'ecr', 400]);
    assert.match(reply.requestId ?? '', /\S/);
  });
  it('is asked for again where AWS breaks for a moment', async () => {
    aws.faults.add({ match: { service: 'ecr' }, times: 1, effect: { status: 500 } });
    assert.equal(inWords(await issued()), 'a token');
  });
  it('names who lacks credentials: the chain on this machine, with what its links say', async () => {
    set({
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_ROLE_ARN: 'arn:x',
      AWS_WEB_IDENTITY_TOKEN_FILE: join(directory, 'none'),
    });
    const reply = await issued();
    assert.ok(reply.kind === 'error');
    assert.equal(reply.service, 'credentials');
    assert.match(reply.message, /ENOENT.*none/, 'not only that there are none');
  });
  it('names what a link of the chain said that was set up and failed', async () => {
    set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_PROFILE: 'nobody' });
    const reply = await issued();
    assert.match(reply.kind === 'error' ? reply.message : '', /from any providers; .*profile: \[nobody\]/);
  });
  describe('with a credential_process', () => {
    const withProcess = async (command: string) => {
      const config = join(directory, 'config');
      await writeFile(config, `[profile x]\ncredential_process = ${command}\n`);
      set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
      set({ AWS_CONFIG_FILE: config, AWS_PROFILE: 'x' });
    };
    const script = async (text: string) => {
      const path = join(directory, 'issue');
      await writeFile(path, `#!/bin/sh\necho x >> ${join(directory, 'runs')}\n${text}\n`, { mode: 0o755 });
      await rm(join(directory, 'runs'), { force: true });
      return path;
    };
    const runs = async () => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1;
    const told = (reply: AwsReply) => (reply.kind === 'answer' ? 'a token' : `${reply.name}: ${reply.message}`);

    it('is asked for with what that prints, which is run once for calls at the same time', async () => {
      const { accessKeyId, secretAccessKey } = aws.defaults;
      const printed = JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
      await withProcess(await script(`sleep 0.2; echo '${printed}'`));
      const replies = await Promise.all([issued(), issued({ region: 'eu-west-1' }), issued({ region: 'eu-north-1' })]);
      assert.deepEqual(replies.map(told), ['a token', 'a token', 'a token']);
      assert.equal(await runs(), 1);
      assert.equal(told(await issued()), 'a token');
      assert.equal(await runs(), 2, 'and again for the next');
    });
    it('is not waited for where that hangs, which is named and ended with what it started', async () => {
      const path = await script(`echo $$ > ${directory}/pid; sleep 60; echo done`);
      await withProcess(`"${path}" --password hunter2`);
      const reply = told(await issued({}, 200));
      assert.equal(reply, `CredentialProcessFailed: the credential_process ${path} did not answer in time`);
      const pid = (await readFile(join(directory, 'pid'), 'utf8')).trim();
      await until('its end', () => !existsSync(`/proc/${pid}`));
      assert.equal(await runs(), 1);
    });
    it('is not waited for when the call is given up, and it is ended', async () => {
      const path = await script(`echo $$ > ${directory}/pid; sleep 60; echo done`);
      await withProcess(path);
      const stop = new AbortController();
      const pending = issued({}, 20_000, stop);
      await until('its start', () => existsSync(join(directory, 'runs')));
      stop.abort();
      await pending;
      const pid = (await readFile(join(directory, 'pid'), 'utf8')).trim();
      await until('its end', () => !existsSync(`/proc/${pid}`), 5000);
    });
    it('is not asked for where that fails, once, with what it said', async () => {
      await withProcess(await script("printf '\\nno session\\n' >&2; exit 3"));
      assert.match(
        told(await issued()),
        /^CredentialProcessFailed: the credential_process .*issue ended with 3: no session$/,
      );
      assert.equal(await runs(), 1);
    });
    it('is not asked for where that prints something else', async () => {
      await withProcess(await script('echo token'));
      assert.match(told(await issued()), /^CredentialProcessFailed: the credential_process .*issue printed no JSON$/);
    });
    it('is not asked for where that is not there', async () => {
      await withProcess('/none/issue');
      assert.match(
        told(await issued()),
        /^CredentialProcessFailed: the credential_process \/none\/issue ended with 127: /,
      );
    });
  });
  it('names STS where that was asked, and learns the token that it was shown', async () => {
    const file = join(directory, 'identity');
    await writeFile(file, 'not-a-known-identity');
    set({
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_ROLE_ARN: aws.defaults.roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
    });
    const reply = await issued();
    assert.ok(reply.kind === 'error');
    assert.deepEqual([reply.service, `https://${reply.host}`], ['sts', aws.url]);
    assert.ok(learnt.includes('not-a-known-identity'));
  });
  describe('with a token in a file', () => {
    let plain: AwsEmulator;
    before(async () => {
      plain = await startAws({});
      plain.addWebIdentity('an-identity-token', { subject: 'system:serviceaccount:a:b' });
    });
    after(() => plain.close());
    beforeEach(() => plain.stats.reset());
    const withFile = async (name: string, content: string, more: Record<string, string>) => {
      const file = join(directory, 'token');
      await writeFile(file, content);
      set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_CA_BUNDLE: undefined });
      set({ AWS_ENDPOINT_URL: plain.url, [name]: file, ...more });
      return inWords(await issued());
    };
    for (const end of ['\n', '\r\n', ' \n\n']) {
      it(`is asked for without what stands behind it: ${JSON.stringify(end)}`, async () => {
        const { podIdentityToken, containerCredentialsUrl, roleArn } = plain.defaults;
        const ofPod = { AWS_CONTAINER_CREDENTIALS_FULL_URI: containerCredentialsUrl };
        assert.equal(
          await withFile('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', podIdentityToken + end, ofPod),
          'a token',
        );
        set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined });
        const role = { AWS_ROLE_ARN: roleArn };
        assert.equal(await withFile('AWS_WEB_IDENTITY_TOKEN_FILE', `an-identity-token${end}`, role), 'a token');
      });
    }
    it('is not asked for with two of them in the file, which is named', async () => {
      for (const name of ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
        const all = {
          AWS_ROLE_ARN: plain.defaults.roleArn,
          AWS_CONTAINER_CREDENTIALS_FULL_URI: plain.defaults.containerCredentialsUrl,
        };
        assert.equal(await withFile(name, 'a\nb', all), 'credentials: CredentialsProviderError');
        set({ [name]: undefined });
      }
      assert.equal(plain.stats.count('GetAuthorizationToken'), 0);
    });
    it('is not asked for with credentials in an answer of the node that is larger than any', async () => {
      const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = aws.defaults;
      const from = async (padding: string) => {
        const key = { AccessKeyId, SecretAccessKey, Token: '', Expiration: '2100-01-01T00:00:00Z', padding };
        const node = createHttpServer((_, response) => response.end(JSON.stringify(key))).listen(0, '127.0.0.1');
        await once(node, 'listening');
        const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}/`;
        set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
        set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
        const reply = inWords(await issued());
        node.close();
        return reply;
      };
      assert.equal(await from(''), 'a token');
      assert.match(await from('x'.repeat(1_200_000)), /^credentials: /);
    });
    it('is not asked for on the node through a proxy', async () => {
      const { podIdentityToken, containerCredentialsUrl } = plain.defaults;
      const proxy = { HTTP_PROXY: 'http://127.0.0.1:1', AWS_CONTAINER_CREDENTIALS_FULL_URI: containerCredentialsUrl };
      assert.equal(await withFile('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', podIdentityToken, proxy), 'a token');
    });
  });
  it('comes with the key that stands in the file now, not with that of the last call', async () => {
    const file = join(directory, 'credentials');
    const key = (secret: string) =>
      writeFile(
        file,
        `[default]\naws_access_key_id = ${aws.defaults.accessKeyId}\naws_secret_access_key = ${secret}\n`,
      );
    set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SHARED_CREDENTIALS_FILE: file });
    await key(aws.defaults.secretAccessKey);
    assert.equal(inWords(await issued()), 'a token');
    await key('another');
    assert.match(inWords(await issued()), /^ecr: (?:InvalidSignatureException|SignatureDoesNotMatch)/);
  });
  it('is given up when it is told to end, and after three times what a request may take', async () => {
    aws.faults.add({ match: { service: 'ecr' }, effect: { hang: true } });
    const stop = new AbortController();
    const pending = issued({}, 60_000, stop);
    setTimeout(() => stop.abort('SIGTERM'), 50);
    assert.equal(inWords(await pending), 'ecr: AbortError');
    const beganMs = performance.now();
    assert.match(inWords(await issued({}, 300)), /^ecr: TimeoutError/);
    assert.ok(performance.now() - beganMs < 5000);
  });
  it('is not waited for at a server that takes connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    set({ AWS_ENDPOINT_URL: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    assert.match(inWords(await issued({}, 200)), /^ecr: TimeoutError/);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  it('is not read from an answer without an end', async () => {
    aws.faults.add({ match: { service: 'ecr' }, effect: { status: 200, body: `{"a":"${'x'.repeat(1_200_000)}"}` } });
    assert.match(inWords(await issued()), /^ecr: AnswerTooLarge/);
  });
  it('says who we are to who asks, by which credentials, and what time AWS has', async () => {
    const source = createIdentitySource({ ...options(), nowMs: () => 7 });
    const { caller, credentials, clock, error } = await source.identify('us-east-1', new AbortController().signal);
    assert.deepEqual([caller?.arn, caller?.account, error], [aws.defaults.userArn, '123456789012', undefined]);
    assert.deepEqual(credentials?.features, ['CREDENTIALS_ENV_VARS']);
    assert.deepEqual([clock?.localMs, `https://${clock?.host}`], [7, aws.url]);
    assert.ok(Math.abs((clock?.serverMs ?? 0) - Date.now()) < 60_000);
  });
});
