import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProxy, proxyFor, type ProxyEnv } from '../../../src/adapters/http/proxy.ts';

const PROXY = 'http://proxy.example:3128';
const API = 'https://api.ecr.eu-west-1.amazonaws.com';

function proxied(target: string, env: ProxyEnv): string {
  const result = proxyFor(new URL(target), env);
  return result.ok ? (result.value?.href ?? 'direct') : `${result.failure.code}: ${result.failure.why}`;
}

describe('the variable that applies', () => {
  const cases: Record<string, [target: string, env: ProxyEnv, expected: string]> = {
    'none is set': [API, {}, 'direct'],
    'https follows HTTPS_PROXY': [API, { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    'https follows https_proxy': [API, { https_proxy: PROXY }, `${PROXY}/`],
    'the upper-case name wins': [API, { HTTPS_PROXY: PROXY, https_proxy: 'http://other:1' }, `${PROXY}/`],
    'an empty one counts as absent': [API, { HTTPS_PROXY: '', https_proxy: PROXY }, `${PROXY}/`],
    'https does not follow HTTP_PROXY': [API, { HTTP_PROXY: PROXY }, 'direct'],
    'http follows HTTP_PROXY': ['http://aws.example', { HTTP_PROXY: PROXY }, `${PROXY}/`],
    'http does not follow HTTPS_PROXY': ['http://aws.example', { HTTPS_PROXY: PROXY }, 'direct'],
    'a value without scheme is an http proxy': [API, { HTTPS_PROXY: 'proxy.example:3128' }, `${PROXY}/`],
    'user and password stay in it': [API, { HTTPS_PROXY: 'http://u:p@proxy.example' }, 'http://u:p@proxy.example/'],
    'localhost is never proxied': ['https://localhost:6443', { HTTPS_PROXY: PROXY }, 'direct'],
    '127.0.0.0/8 is never proxied': ['https://127.8.9.1:6443', { HTTPS_PROXY: PROXY }, 'direct'],
    '::1 is never proxied': ['https://[::1]:6443', { HTTPS_PROXY: PROXY }, 'direct'],
    'what is on the node is never proxied: container credentials': [
      'http://169.254.170.23/v1',
      { HTTP_PROXY: PROXY },
      'direct',
    ],
    'what is on the node is never proxied: instance metadata': [
      'http://169.254.169.254',
      { HTTP_PROXY: PROXY },
      'direct',
    ],
    'what is on the node is never proxied: over IPv6': ['http://[fd00:ec2::23]/v1', { HTTP_PROXY: PROXY }, 'direct'],
    'what is on the link is never proxied': ['http://[fe80::1]', { HTTP_PROXY: PROXY }, 'direct'],
    'what is near it in numbers is': ['http://169.253.0.1', { HTTP_PROXY: PROXY }, `${PROXY}/`],
    'the exemption is read from no_proxy too': [API, { HTTPS_PROXY: PROXY, no_proxy: 'amazonaws.com' }, 'direct'],
    'an unusable proxy does not matter to an exempt host': [API, { HTTPS_PROXY: '::', NO_PROXY: '*' }, 'direct'],
  };
  for (const [title, [target, env, expected]] of Object.entries(cases)) {
    it(title, () => assert.equal(proxied(target, env), expected));
  }
});

describe('NO_PROXY', () => {
  const cases: [entry: string, target: string, exempt: boolean][] = [
    ['*', API, true],
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://a.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['EXAMPLE.com', 'https://example.COM', true],
    ['example.com', 'https://example.com.', true],
    ['.example.com', 'https://example.com', false],
    ['.example.com', 'https://a.example.com', true],
    ['*.example.com', 'https://a.b.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:6443', 'https://example.com', false],
    ['example.com:6443', 'https://example.com:6443', true],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['10.0.0.1', 'https://10.0.0.10', false],
    ['10.0.0.1:443', 'https://10.0.0.1', true],
    ['10.0.0.1:80', 'https://10.0.0.1', false],
    ['10.0.0.0/8', 'https://10.9.8.7', true],
    ['10.1.2.3/8', 'https://10.9.8.7', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://ten.example', false],
    ['10.0.0.0/33', 'https://10.0.0.1', false],
    ['fd00::/8', 'https://[fd12::1]:6443', true],
    ['fd00::/8', 'https://[2001:db8::1]', false],
    ['fd00::1', 'https://[fd00:0::1]', true],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:6443', 'https://[fd00::1]', false],
    ['169.254.169.254, .svc ,,kubernetes', 'https://kubernetes.default.svc', true],
    ['', 'https://example.com', false],
    [',', 'https://example.com', false],
    [':443', 'https://example.com', false],
    ['not/a/subnet', 'https://example.com', false],
  ];
  for (const [entry, target, exempt] of cases) {
    it(`"${entry}" ${exempt ? 'exempts' : 'does not exempt'} ${target}`, () => {
      assert.equal(proxied(target, { HTTPS_PROXY: PROXY, NO_PROXY: entry }), exempt ? 'direct' : `${PROXY}/`);
    });
  }
});

describe('a proxy that cannot be used', () => {
  const cases: Record<string, [value: string, why: string]> = {
    'is no URL': ['http://', '"http://" is not a URL'],
    'has a port that is none': ['http://proxy:99999', '"http://proxy:99999" is not a URL'],
    'is a proxy of another kind': [
      'socks4://p:1080',
      '"socks4://p:1080" is a socks4 proxy; http, https and socks5 are supported',
    ],
    'holds a password': ['http://me:hun@ter2@proxy:x', '"http://…@proxy:x" is not a URL'],
    'holds a password with a bare percent sign': [
      'http://me:50%off@proxy:3128',
      'the user or the password of "http://…@proxy:3128" holds a "%" that begins no escape: write %25',
    ],
    'holds a password and no scheme': ['me:hunter2@proxy:x', '"…@proxy:x" is not a URL'],
  };
  for (const [title, [value, why]] of Object.entries(cases)) {
    it(`${title}: it is refused without showing a password`, () => {
      assert.deepEqual(parseProxy(value, 'HTTPS_PROXY'), {
        ok: false,
        failure: {
          code: 'ProxyInvalid',
          what: 'The proxy setting is not a URL that can be used',
          where: 'HTTPS_PROXY',
          why,
          fix: 'Set HTTPS_PROXY to a URL such as http://proxy.example:3128.',
        },
      });
    });
  }
});
