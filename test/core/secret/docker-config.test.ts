import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dockerConfig,
  foreignContents,
  holdsLogins,
  isNothing,
  loginHosts,
  mergedConfig,
} from '../../../src/core/secret/docker-config.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const data = (config: unknown) => base64(JSON.stringify(config));
const token = (password: string, ...hosts: string[]) => ({ hosts, password, issuedAtMs: 0, expiresAtMs: 1 });
const login = (password: string) => ({ auth: base64(`AWS:${password}`) });

describe('the docker config of some tokens', () => {
  it('has a login for each host, under the bare host', () => {
    assert.deepEqual(dockerConfig([token('p', 'a.example', 'b.example')]), {
      auths: { 'a.example': login('p'), 'b.example': login('p') },
    });
  });
  it('is the same, byte by byte, whatever order the tokens came in', () => {
    const [one, other] = [token('p', 'b.example'), token('q', 'a.example')];
    assert.equal(JSON.stringify(dockerConfig([one, other])), JSON.stringify(dockerConfig([other, one])));
  });
});

describe('what would be lost of a docker config', () => {
  const ours = ['a.example'];
  const lost: Record<string, [data: string | undefined, registries: string[], settings: string[]]> = {
    'is nothing where there is none': [undefined, [], []],
    'is nothing of one that no client can read': [base64('not json'), [], []],
    'is nothing where it holds our logins alone': [data({ auths: { 'a.example': login('old') } }), [], []],
    'is nothing where it holds them as older tools wrote them': [
      data({ auths: { 'https://A.example/v1/': login('old'), 'a.example/': login('old') } }),
      [],
      [],
    ],
    'is a login for another host, under its own name': [
      data({ auths: { 'a.example': {}, 'https://ghcr.io': login('x') } }),
      ['https://ghcr.io'],
      [],
    ],
    'is a setting beside the logins': [data({ auths: {}, credHelpers: { 'x.example': 'y' } }), [], ['credHelpers']],
    'is no setting that says nothing': [data({ auths: {}, HttpHeaders: {}, credsStore: '', a: null, b: [] }), [], []],
  };
  for (const [title, [config, registries, settings]] of Object.entries(lost)) {
    it(title, () => {
      const foreign = foreignContents(config, ours);
      assert.deepEqual(foreign, { registries, settings });
      assert.equal(isNothing(foreign), registries.length + settings.length === 0);
    });
  }

  const others: Record<string, [login: unknown, isReadable: boolean]> = {
    'of user and password': [{ username: 'u', password: 'p' }, true],
    'of user and password in base64': [{ auth: base64('u:p') }, true],
    'without padding': [{ auth: base64('u:pp').replace(/=+$/, '') }, true],
    'with a line break in it': [
      { auth: `${base64('user:password').slice(0, 4)}\n${base64('user:password').slice(4)}` },
      true,
    ],
    'that is null': [null, true],
    'that is empty': [{}, true],
    'whose fields are null': [{ username: null, auth: null }, true],
    'with a field of its own': [{ auth: base64('u:p'), identitytoken: 7 }, true],
    'without a colon': [{ auth: base64('sometoken') }, false],
    'that is no base64': [{ auth: 'user:password' }, false],
    'in the base64 of URLs': [
      { auth: base64('u:\u00ff\u00ff').replaceAll('+', '-').replaceAll('/', '_') + '_-' },
      false,
    ],
    'cut short': [{ auth: `${base64('u:p')}A` }, false],
    'with a padding that does not fit': [{ auth: `${base64('u:pp').replace(/=+$/, '')}=` }, false],
    'that is a text': ['x', false],
    'that is a number': [7, false],
    'that is a list': [[], false],
    'whose password is a number': [{ username: 'u', password: 7 }, false],
  };
  for (const [title, [login, isReadable]] of Object.entries(others)) {
    it(`a kubelet can${isReadable ? '' : 'not'} read a login ${title}`, () => {
      const { unreadable } = foreignContents(data({ auths: { 'a.example': 'x', 'ghcr.io': login } }), ours);
      assert.deepEqual(unreadable, isReadable ? undefined : ['ghcr.io']);
    });
  }
  it('a kubelet cannot read headers that are no texts, under any case of their name', () => {
    const of = (headers: unknown) => foreignContents(data({ auths: {}, httpHeaders: headers }), ours).unreadable;
    assert.deepEqual(
      [of({ a: 'b' }), of({ a: 7 }), of(null), of('x')],
      [undefined, ['httpHeaders'], undefined, ['httpHeaders']],
    );
  });

  const tooMuch: Record<string, string> = {
    'is nested deeper than anybody nests one': base64(`{"auths":${'['.repeat(40)}${']'.repeat(40)}}`),
    'has more in it than anybody puts there': data({ auths: {}, many: Array.from({ length: 10_001 }, () => 0) }),
  };
  for (const [title, config] of Object.entries(tooMuch)) {
    it(`is not known, and so not nothing, of one that ${title}`, () => {
      const foreign = foreignContents(config, ours);
      assert.match(foreign.tooMuch ?? '', /^it (?:is nested|holds) more than/);
      assert.equal(isNothing(foreign), false);
    });
  }
});

describe('a docker config that others use, too', () => {
  const tokens = [token('new', 'a.example')];
  it('keeps their logins and their settings', () => {
    const theirs = { auths: { 'ghcr.io': { auth: 'x', email: 'e' } }, credHelpers: { y: 'z' } };
    assert.deepEqual(mergedConfig(data(theirs), tokens), {
      auths: { 'ghcr.io': { auth: 'x', email: 'e' }, 'a.example': login('new') },
      credHelpers: { y: 'z' },
    });
  });
  it('begins with our own logins, as the fence knows one that is not blank', () => {
    const theirs = { credHelpers: { y: 'z' }, auths: { '"odd"': { auth: 'x' } } };
    assert.match(JSON.stringify(mergedConfig(data(theirs), tokens)), /^\{"auths":\{"a\.example":/);
  });
  it('loses our own older logins, however they were written', () => {
    const theirs = { auths: { 'https://a.example/v2/': login('old'), 'a.example': login('old') } };
    assert.deepEqual(mergedConfig(data(theirs), tokens), { auths: { 'a.example': login('new') } });
  });
  it('is ours alone where theirs cannot be read', () => {
    assert.deepEqual(mergedConfig(base64('[]'), tokens), { auths: { 'a.example': login('new') } });
  });
  it('is no place for a host that is called like what every object has', () => {
    const theirs = { auths: JSON.parse('{"__proto__":{"auth":"x"},"constructor":{"auth":"y"}}') as unknown };
    const merged = mergedConfig(data(theirs), tokens);
    assert.deepEqual(Object.keys(merged['auths'] as object).toSorted(), ['__proto__', 'a.example', 'constructor']);
  });
});

describe('a docker config with a login for each host', () => {
  const hosts = ['a.example', 'b.example'];
  const both = (one: unknown) => data({ auths: { 'a.example': one, 'b.example': login('p') } });
  const cases: Record<string, [data: string | undefined, holds: boolean]> = {
    'has one that says it in auth': [both({ auth: base64('AWS:p') }), true],
    'has one that says it in user and password': [both({ username: 'AWS', password: 'p' }), true],
    'has one under an older form of the host': [
      data({ auths: { 'https://a.example/v1/': login('p'), 'b.example': login('p') } }),
      true,
    ],
    'is none where one of them has none': [data({ auths: { 'a.example': login('p') } }), false],
    'is none where a password is empty': [both({ auth: base64('AWS:') }), false],
    'is none where auth, which clients read first, is of another user': [
      both({ auth: base64('me:p'), username: 'AWS', password: 'p' }),
      false,
    ],
    'is none where the user is another': [both({ username: 'me', password: 'p' }), false],
    'is none where there is nothing': [undefined, false],
  };
  for (const [title, [config, holds]] of Object.entries(cases)) {
    it(title, () => assert.equal(holdsLogins(config, hosts), holds));
  }
});

describe('the hosts that a docker config is shown to have a login for', () => {
  const cases: Record<string, [data: string | undefined, hosts: string[] | undefined]> = {
    'are those with something that looks like one, whoever it is of': [
      data({ auths: { 'https://GHCR.io/': { auth: 'x' }, b: { username: 'u', password: 'p' }, c: {}, d: null } }),
      ['ghcr.io', 'b'],
    ],
    'are none where a user has no password': [data({ auths: { b: { username: 'u' } } }), []],
    'are not known where it is no docker config': [data({ auth: {} }), undefined],
  };
  for (const [title, [config, hosts]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(loginHosts(config), hosts));
  }
});
