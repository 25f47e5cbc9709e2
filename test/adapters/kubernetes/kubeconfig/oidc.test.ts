import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Entry } from '../../../../src/adapters/kubernetes/kubeconfig/entry.ts';
import { oidcToken } from '../../../../src/adapters/kubernetes/kubeconfig/oidc.ts';
import { certificates } from '../api-server.ts';

const entry = (fields: Record<string, string>): Entry => ({
  kind: 'user',
  name: 'u',
  fields,
  directory: '/',
  file: 'f',
});

describe('the oidc auth provider of a kubeconfig', () => {
  let server: Server;
  let issuer: string;
  let grants: URLSearchParams[] = [];
  const learnt: (string | undefined)[] = [];
  let answer: (body: URLSearchParams) => [status: number, body: object];

  before(async () => {
    server = createServer(certificates.server, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const isDiscovery = request.url === '/.well-known/openid-configuration';
        if (!isDiscovery) grants.push(new URLSearchParams(body));
        const [status, reply] = isDiscovery
          ? [200, { issuer, token_endpoint: `${issuer}token` }]
          : answer(new URLSearchParams(body));
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`; // a TCP server's
  });
  beforeEach(() => (grants = []));
  after(() => server.close());

  const tokenOf = (config: Record<string, string>, { ca = certificates.ca, aheadMs = 0 } = {}) =>
    oidcToken(
      entry({ 'client-id': 'kubernetes', 'client-secret': 'of-the-client', 'idp-issuer-url': issuer, ...config }),
      { userName: 'alice', ca, env: {}, nowMs: () => Date.now() + aheadMs, learn: (secret) => learnt.push(secret) },
    );

  it('is asked for nothing while its id-token lives', async () => {
    const idToken = jwt(3600);
    assert.equal(await tokenOf({ 'id-token': idToken, 'refresh-token': 'r1' })(), idToken);
    assert.equal(grants.length, 0);
  });

  it('refreshes one that has expired, and then again with the refresh token that came with it', async () => {
    const [first, second] = [jwt(60, issuer), jwt(3600, issuer)];
    const aheadMs = 120_000;
    answer = (body) => [
      200,
      {
        access_token: 'a',
        token_type: 'Bearer',
        id_token: body.get('refresh_token') === 'r1' ? first : second,
        refresh_token: 'r2',
      },
    ];
    const token = tokenOf({ 'id-token': jwt(-60), 'refresh-token': 'r1' }, { aheadMs });
    assert.equal(await token(), first);
    assert.equal(await token(), second);
    assert.equal(await token(), second);
    for (const secret of [first, second, 'r2']) assert.ok(learnt.includes(secret));
    assert.deepEqual(
      grants.map((body) => [body.get('grant_type'), body.get('refresh_token')]),
      [
        ['refresh_token', 'r1'],
        ['refresh_token', 'r2'],
      ],
    );
  });

  it('says so where it has expired and there is no refresh token', async () => {
    await assert.rejects(tokenOf({ 'id-token': jwt(-60) }), {
      message: 'the user alice: its OIDC id-token has expired and has no refresh-token',
    });
  });

  it("says what failed where the provider refuses, or its certificate isn't trusted", async () => {
    answer = () => [400, { error: 'invalid_grant', error_description: 'revoked' }];
    const config = { 'id-token': jwt(-60), 'refresh-token': 'r1' };
    await assert.rejects(tokenOf(config), /^Error: the user alice: its OIDC token could not be refreshed: revoked$/);
    await assert.rejects(tokenOf(config, { ca: '' }), /could not be refreshed: 127\.0\.0\.1:\d+: .*certificate/);
  });
});

/** A token that expires in so many seconds; nobody here judges its signature. */
function jwt(seconds: number, issuer = 'unread'): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'alice', aud: 'kubernetes', iat: now, exp: now + seconds };
  return [{ alg: 'RS256' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}
