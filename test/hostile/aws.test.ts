/** AWS, or what stands before it, that misbehaves: a pass ends in time with 3, writes nothing, and says no secret. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ended, startJobStage, type JobStage } from '../support/job-stage.ts';
import { troubledServers } from '../support/servers.ts';
import { peakOf, shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import { answer, flood, json, trickle, wireMisdeeds, type Misdeed } from './wire.ts';

const type = { 'content-type': 'application/x-amz-json-1.1' };
const encoded = (text: string) => Buffer.from(text).toString('base64');
const authorization = {
  authorizationToken: encoded('AWS:a-password-of-nobody'),
  expiresAt: Date.now() / 1000 + 43_000,
  proxyEndpoint: 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com',
};
const data = (changes: object) => json(200, { authorizationData: [{ ...authorization, ...changes }] }, type);
const error = (status: number, body: unknown) => json(status, body, type);

/** What ECR answers, that is no token. */
const answers: Record<string, Misdeed> = {
  'has no data': json(200, {}, type),
  'has null for data': json(200, { authorizationData: null }, type),
  'has an empty list of data': json(200, { authorizationData: [] }, type),
  'has a number for data': json(200, { authorizationData: 7 }, type),
  'has null in its data': json(200, { authorizationData: [null] }, type),
  'has a token that is null': data({ authorizationToken: null }),
  'has a token that is a number': data({ authorizationToken: 7 }),
  'has a token that is an object': data({ authorizationToken: {} }),
  'has an empty token': data({ authorizationToken: '' }),
  'has a token that is no base64': data({ authorizationToken: 'AWS:plain' }),
  'has a token of another user': data({ authorizationToken: encoded('me:x') }),
  'has a token without a password': data({ authorizationToken: encoded('AWS:') }),
  'has a token with a line break in it': data({ authorizationToken: encoded('AWS:a\nb') }),
  'has a token that has expired': data({ expiresAt: Date.now() / 1000 - 1 }),
  'has a token that expires in words': data({ expiresAt: 'soon' }),
  'has a token that expires at an object': data({ expiresAt: {} }),
  'has a token that expires never': data({ expiresAt: null }),
  'has a token that expired in 1970': data({ expiresAt: 0 }),
  'is an error of a server': error(500, { __type: 'InternalServerException', message: 'no' }),
  'is an error without a name': error(400, { message: 'no' }),
  'is an error whose name is a number': error(400, { __type: 7, message: 'no' }),
  'is an error that is called constructor': error(400, { __type: 'constructor', message: 'no' }),
  'is an error that is called __proto__': error(400, { __type: '__proto__', message: 'no' }),
  'is an error with an object for a message': error(400, { __type: 'X', message: { a: 1 } }),
  'is an error with a message of 200,000 words': error(400, { __type: 'X', message: 'token=a '.repeat(25_000) }),
  'is a refusal of access': error(400, { __type: 'AccessDeniedException', message: 'not you' }),
  'is an unknown key': error(400, { __type: 'UnrecognizedClientException', message: 'who?' }),
  'is a wrong signature': error(403, { __type: 'InvalidSignatureException', message: 'odd' }),
  throttles: error(400, { __type: 'ThrottlingException', message: 'slow down' }),
  'is null, as an error': error(400, null),
  'is a page of XML': answer(403, '<ErrorResponse><Error><Code>Nope</Code></Error></ErrorResponse>', {
    'content-type': 'text/xml',
  }),
};

/** What a proxy answers to CONNECT. */
const proxies: Record<string, Misdeed> = {
  'wants a password': answer(407, 'who are you?', { 'proxy-authenticate': 'Basic realm="x"' }),
  refuses: answer(403, 'not there'),
  'cannot reach it': answer(502, 'nobody there'),
  'sends to somewhere else': answer(302, '', { location: 'http://192.0.2.1' }),
  'says nothing': () => undefined,
  closes: (socket) => socket.end(),
  'speaks no HTTP': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'sends a head without an end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    flood(socket);
  },
  'sends a head a byte at a time': (socket) => trickle(socket, `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(1000)}`),
  'opens a tunnel to nothing that speaks TLS': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'),
  'opens a tunnel to a flood': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    flood(socket);
  },
  'opens a tunnel that is silent': (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
};

describe('AWS that misbehaves', { concurrency: 6 }, () => {
  let program: ShippedProgram;
  let stage: JobStage;
  const servers = troubledServers();

  before(async () => {
    [program, stage] = await Promise.all([shippedProgram(), startJobStage()]);
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
  });
  after(async () => {
    await servers.close();
    await Promise.all([stage.close(), program.close()]);
  });

  const listening = (misdeed: Misdeed) =>
    servers.listen(
      createServer((socket: Socket) => {
        let text = '';
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          const end = text.indexOf('\r\n\r\n');
          const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
          if (end === -1 || text.length < end + 4 + length) return;
          text = '';
          misdeed(socket);
        });
      }),
    );

  const holds = async (env: Record<string, string | undefined>): Promise<void> => {
    const limits = { ECR_DEADLINE: '2s', ECR_REQUEST_TIMEOUT: '600ms', AWS_MAX_ATTEMPTS: '1' };
    const beganMs = performance.now();
    const child = stage.start([], { ...limits, ...env }, 'pipe', 'pipe', program.within(64));
    const peakMiB = peakOf(child);
    const run = await ended(child);
    const tookMs = performance.now() - beganMs;
    assert.ok(run.code === 3 || run.code === 5, `it ended with ${run.code}: ${run.stderr}`);
    if (run.code === 5) assert.match(run.stderr, /"code":"DeadlinePassed"/);
    assert.doesNotMatch(run.stderr, /This is a bug|a-password-of-nobody/);
    assert.ok(tookMs < 2000 + 1000 + 6000, `it took ${tookMs} ms`);
    assert.ok(peakMiB() < 64, `${peakMiB()} MiB`);
    assert.equal(stage.kubernetes.getSecret('team-a', 'ecr-creds'), undefined);
  };

  for (const [what, misdeed] of Object.entries(wireMisdeeds)) {
    it(`${what} where it is asked for a token`, { timeout: 20_000 }, async () => {
      await holds({ AWS_ENDPOINT_URL: `http://127.0.0.1:${await listening(misdeed)}` });
    });
  }
  for (const [what, misdeed] of Object.entries(answers)) {
    it(`whose answer ${what}`, { timeout: 20_000 }, async () => {
      await holds({ AWS_ENDPOINT_URL: `http://127.0.0.1:${await listening(misdeed)}` });
    });
  }
  for (const [what, misdeed] of Object.entries(proxies)) {
    it(`behind a proxy that ${what}`, { timeout: 20_000 }, async () => {
      const proxy = `http://127.0.0.1:${await listening(misdeed)}`;
      await holds({ AWS_ENDPOINT_URL: undefined, HTTPS_PROXY: proxy });
    });
  }
  for (const [what, misdeed] of Object.entries(wireMisdeeds)) {
    it(`whose credentials come from one that ${what}`, { timeout: 20_000 }, async () => {
      const address = `http://127.0.0.1:${await listening(misdeed)}/`;
      const keys = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
      await holds({ ...keys, AWS_CONTAINER_CREDENTIALS_FULL_URI: address });
    });
  }
});
