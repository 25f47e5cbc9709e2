import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createRedactor } from '../../../src/core/text/redact.ts';
import { createSecrets } from '../../../src/core/text/secrets.ts';
import { redactorOf } from '../../support/sink.ts';

const key = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const token = Buffer.from(`AWS:${'eyJwYXlsb2FkIjoi'.repeat(8)}`).toString('base64');
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYSJ9.c2lnbmF0dXJl';

const byShape = redactorOf();

describe('what looks like a credential', () => {
  const cases: Record<string, [text: string, redacted: string]> = {
    'an access key id': ['key AKIAIOSFODNN7EXAMPLE is old', 'key [redacted] is old'],
    'a temporary access key id': ['id=ASIAIOSFODNN7EXAMPLE,', 'id=[redacted],'],
    'an access key id behind an underscore': ['prod_AKIAIOSFODNN7EXAMPLE', 'prod_[redacted]'],
    'the credential scope of a signature': [
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/ecr/aws4_request, Signature=' +
        'ab12'.repeat(16),
      'AWS4-HMAC-SHA256 Credential=[redacted]/20261124/us-east-1/ecr/aws4_request, Signature=[redacted]',
    ],
    'a secret key in an environment': [`AWS_SECRET_ACCESS_KEY=${key} next`, 'AWS_SECRET_ACCESS_KEY=[redacted] next'],
    'a secret key in a profile': [`aws_secret_access_key = ${key}`, 'aws_secret_access_key = [redacted]'],
    'a quoted secret key': [`aws_secret_access_key: "${key}"`, 'aws_secret_access_key: "[redacted]"'],
    'a session token in an environment': ['AWS_SESSION_TOKEN=IQoJb3JpZ2lu/+==', 'AWS_SESSION_TOKEN=[redacted]'],
    'a session token by itself': [
      'it sent IQoJb3JpZ2luX2VjEJr-9fe8E, which is old',
      'it sent [redacted], which is old',
    ],
    'the JSON of Pod Identity': [
      `{"SecretAccessKey":"${key}","Token":"IQoJb3Jp","Expiration":"2026-11-24"}`,
      '{"SecretAccessKey":"[redacted]","Token":"[redacted]","Expiration":"2026-11-24"}',
    ],
    'the XML of STS': [
      `<SecretAccessKey>${key}</SecretAccessKey><SessionToken>IQoJ</SessionToken><Expiration>x</Expiration>`,
      '<SecretAccessKey>[redacted]</SecretAccessKey><SessionToken>[redacted]</SessionToken><Expiration>x</Expiration>',
    ],
    'a bearer token': ['Authorization: Bearer k8s-aws-v1.aHR0cHM6', 'Authorization: Bearer [redacted]'],
    'basic authentication': ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [redacted]'],
    'a JSON Web Token': [`token ${jwt} expired`, 'token [redacted] expired'],
    'an authorization token of ECR': [`got ${token}.`, 'got [redacted].'],
    'a password of ECR': ['eyJwYXlsb2FkIjoiYWJjZGVm', '[redacted]'],
    'an encoded docker config': [Buffer.from('{"auths":{"host":{}}}').toString('base64'), '[redacted]'],
    'a docker config': [
      '{"auths":{"h":{"username":"AWS","password":"p","auth":"QVdTOnA="}}}',
      '{"auths":{"h":{"username":"AWS","password":"[redacted]","auth":"[redacted]"}}}',
    ],
    'a docker config in a string of JSON': [
      String.raw`{"body":"{\"auth\":\"QVdTOnA=\",\"email\":\"e\"}"}`,
      String.raw`{"body":"{\"auth\":\"[redacted]\",\"email\":\"e\"}"}`,
    ],
    'a password that holds a quote': [
      String.raw`{"password":"a\"b","email":"e"}`,
      '{"password":"[redacted]","email":"e"}',
    ],
    'a password that is cut off': ['{"password":"abcdef', '{"password":"[redacted]'],
    'the password of a proxy': ['http://me:pa%2Fss@proxy:3128', 'http://me:[redacted]@proxy:3128'],
    'a signed URL': [
      'https://s3/x?X-Amz-Security-Token=IQoJ%2F&X-Amz-Date=1&X-Amz-Signature=abc&x=y',
      'https://s3/x?X-Amz-Security-Token=[redacted]&X-Amz-Date=1&X-Amz-Signature=[redacted]&x=y',
    ],
    'the password of a proxy that holds an @ and a colon': [
      'through http://user:p@ss:word@proxy:3128 failed',
      'through http://user:[redacted]@proxy:3128 failed',
    ],
    'a token in place of a user': ['https://0123456789abcdef@git.example/a', 'https://[redacted]@git.example/a'],
    'a docker config in JSON in JSON in JSON': [
      JSON.stringify(JSON.stringify(JSON.stringify({ auth: 'QVdTOnA=', email: 'e' }))),
      JSON.stringify(JSON.stringify(JSON.stringify({ auth: '[redacted]', email: 'e' }))),
    ],
    'a signature in JSON': [`{"Signature": "${'0a'.repeat(32)}"}`, '{"Signature": "[redacted]"}'],
    'a private key': [
      ['a -----BEGIN EC PRIVATE', 'KEY-----\nMHcCAQ\n-----END EC PRIVATE', 'KEY----- b'].join(' '),
      'a [redacted] b',
    ],
    'a private key that is cut off': [['-----BEGIN PRIVATE', 'KEY-----\\nMHcCAQ'].join(' '), '[redacted]'],
    'a private key in base64': [
      `client-key: ${Buffer.from(['-----BEGIN RSA PRIVATE', 'KEY-----'].join(' ')).toString('base64')}`,
      'client-key: [redacted]',
    ],
    'a secret key in the wrong place': [`no region ${key}, is there`, 'no region [redacted], is there'],
    'a token of EKS': ['k8s-aws-v1.aHR0cHM6Ly9zdHM', '[redacted]'],
    'a token of GitHub': [`ghp_${'a1'.repeat(18)}`, '[redacted]'],
    'a header': ['x-amz-security-token: IQoJb3JpZ2lu', 'x-amz-security-token: [redacted]'],
  };
  for (const [what, [text, redacted]] of Object.entries(cases)) {
    it(`is taken out: ${what}`, () => assert.equal(byShape(text), redacted));
  }

  it('is taken out once: what was redacted stays as it is', () => {
    for (const [, redacted] of Object.values(cases)) assert.equal(byShape(redacted), redacted);
  });
});

describe('ordinary text stays as it is', () => {
  const cases = [
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'request 29e6bc86-e8ac-4b2e-b47d-769c74c76b06',
    'https://10.0.0.1:443/api/v1/namespaces?limit=500&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
    'https://registry:5000/app@sha256:9f86d081',
    'Set AWS_SECRET_ACCESS_KEY anew; a trailing newline is the usual cause.',
    'Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.',
    'Basic authentication failed; bearer authorization is wanted',
    'The security token included in the request is invalid.',
    'User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:GetAuthorizationToken on resource: *',
    'team-a/ecr-creds (kubernetes.io/dockerconfigjson)',
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t',
    '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
    'mail to ops@example.com or see https://example.com/a:b@c',
  ];
  for (const text of cases) it(text, () => assert.equal(byShape(text), text));
});

describe('a secret that is known', () => {
  const redact = redactorOf(key, 'hunter2!"\\', 'short');

  it('is taken out wherever it stands', () => {
    assert.equal(redact(`<${key}${key}>`), '<[redacted][redacted]>');
  });

  it('is taken out as base64, whatever was encoded beside it', () => {
    for (const before of ['', 'A', 'AW', 'AWS:']) {
      const encoded = Buffer.from(`${before}${key} after`).toString('base64');
      const shown = redact(`data ${encoded}`);
      assert.match(shown, /\[redacted\]/);
      assert.doesNotMatch(Buffer.from(shown, 'base64').toString(), /EXAMPLEKE/);
    }
  });

  it('is taken out as it stands in JSON and in a URL', () => {
    assert.equal(redact(JSON.stringify({ value: 'hunter2!"\\' })), '{"value":"[redacted]"}');
    assert.equal(redact(`?q=${encodeURIComponent(key)}&r`), '?q=[redacted]&r');
  });

  it('stays when it is so short that ordinary words hold it', () => {
    assert.equal(redact('a short word'), 'a short word');
  });

  it('is taken out whole where another secret is part of it', () => {
    const nested = redactorOf('password', 'the-password-itself');
    assert.equal(nested('= the-password-itself ='), '= [redacted] =');
  });

  it('is followed as it rotates', () => {
    const secrets = createSecrets();
    const rotating = createRedactor(secrets);
    secrets.learn('first-secret');
    assert.equal(rotating('first-secret second-secret'), '[redacted] second-secret');
    secrets.learn('second-secret');
    assert.equal(rotating('first-secret second-secret'), '[redacted] [redacted]');
  });

  it('stays known where it came with the process, and where it is new, however many came since', () => {
    const secrets = createSecrets(['came-with-the-process']);
    const redact = createRedactor(secrets);
    for (let index = 0; index < 500; index += 1) {
      secrets.learn(`learnt-as-number-${index}-of-many`);
      secrets.learn('learnt-again-and-again');
    }
    assert.equal(redact('came-with-the-process'), '[redacted]');
    assert.equal(redact('learnt-again-and-again'), '[redacted]');
    assert.equal(redact('learnt-as-number-499-of-many'), '[redacted]');
  });

  it('never survives, whatever surrounds it', () => {
    const secret = fc
      .string({ minLength: 8, unit: 'grapheme' })
      .filter((text) => text.trim().length >= 8 && !'[redacted]'.includes(text));
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.string(),
        fc.string(),
        (secrets, before, after) => {
          // A secret that overlaps the mask can be made anew by it; no credential does.
          fc.pre(secrets.every((each) => !/redacted|\[r|d\]/.test(each)));
          const redact = redactorOf(...secrets);
          for (const each of secrets) {
            for (const form of [each, Buffer.from(each).toString('base64')]) {
              assert.ok(!redact(`${before}${form}${after}`).includes(each));
            }
          }
        },
      ),
    );
  });

  it('is known by fifteen characters of it, however it is written and wherever it was cut', () => {
    const characters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-';
    const unit = fc.constantFrom(...Array.from(characters));
    const written: readonly ((secret: string) => string)[] = [
      (secret) => secret,
      encodeURIComponent,
      (secret) => encodeURIComponent(secret).replaceAll(/%../g, (hex) => hex.toLowerCase()),
      // What stands beside it decides the first and the last characters.
      ...['', 'A', 'AW'].flatMap((before) => [
        (secret: string) =>
          Buffer.from(before + secret)
            .toString('base64')
            .slice(4, -4),
        (secret: string) =>
          Buffer.from(before + secret)
            .toString('base64url')
            .slice(4, -4),
      ]),
    ];
    fc.assert(
      fc.property(
        fc.string({ minLength: 24, maxLength: 60, unit }),
        fc.constantFrom(...written),
        fc.nat(),
        (secret, form, chance) => {
          const whole = form(secret);
          const at = chance % (whole.length - 14);
          const piece = whole.slice(at, at + 15);
          const secrets = createSecrets([secret]);
          // What is asked first does not matter.
          assert.deepEqual(secrets.find('a b'), []);
          assert.notDeepEqual(secrets.find(`a ${piece} b`), [], `${piece} of ${whole}`);
        },
      ),
    );
  });

  it('never survives as base64 of a login', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12 }).filter((text) => text.trim().length >= 12),
        fc.string({ maxLength: 6 }),
        fc.string({ maxLength: 6 }),
        (secret, before, after) => {
          const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
          assert.ok(redactorOf(secret)(encoded).includes('[redacted]'));
        },
      ),
    );
  });
});

it('takes time in proportion to the text, whatever stands in it', () => {
  const long = 20_000;
  for (const text of ['a', '\\', 'eyJ', 'auth":"', 'http://a:', 'Bearer ', 'aws_secret_access_key', '"', 'QVdTO']) {
    const startMs = performance.now();
    byShape(text.repeat(long / text.length));
    assert.ok(performance.now() - startMs < 1000, text);
  }
});
