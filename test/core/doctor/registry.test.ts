import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply, BrokenCause } from '../../../src/core/api/reply.ts';
import { answerInWords, findImage, findLogins, parseImage } from '../../../src/core/doctor/registry.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const answer = (status: number, body: unknown = ''): ApiReply => ({ kind: 'answer', status, body });
const broken = (cause: BrokenCause): ApiReply => ({ kind: 'broken', cause, message: 'why' });
const error = (code: string, message: string) => ({ errors: [{ code, message }] });

describe('a registry that is given the token', () => {
  const cases: Record<string, [reply: ApiReply, reason: string]> = {
    'takes it': [answer(200), 'RegistryTakesToken'],
    'refuses it': [answer(401), 'RegistryRefusesToken'],
    'refuses it, whatever else it says below 500': [answer(418), 'RegistryRefusesToken'],
    'is unwell at 429': [answer(429), 'RegistryUnwell'],
    'is unwell from 500': [answer(500), 'RegistryUnwell'],
    'is unwell where it breaks off': [broken('Interrupted'), 'RegistryUnwell'],
    'is not trusted': [broken('TlsUntrusted'), 'RegistryTlsUntrusted'],
    'does not answer in time': [broken('TimedOut'), 'RegistryTimedOut'],
    'cannot be reached': [broken('Unreachable'), 'RegistryUnreachable'],
    'was not asked to the end': [broken('Aborted'), 'CouldNotLook'],
  };
  for (const [title, [reply, reason]] of Object.entries(cases)) {
    it(title, () =>
      assert.deepEqual(
        findLogins([{ host, reply }]).map((found) => found.reason),
        [reason],
      ),
    );
  }
  it('is asked through the proxy that is named', () => {
    assert.match(findLogins([{ host, reply: answer(200), proxy: 'http://p' }])[0]?.looked ?? '', /through http:\/\/p$/);
  });
});

describe('an image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const names: Record<string, [image: string, repository: string | undefined, reference?: string]> = {
    'is a repository and a tag': [`${host}/team/app:1.0`, 'team/app', '1.0'],
    'has the tag latest where it names none': [`${host}/app`, 'app', 'latest'],
    'goes by its digest, whatever its tag': [`${host}/app:1.0@${digest}`, 'app', digest],
    'may have a scheme that people paste': [`https://${host}/app:1`, 'app', '1'],
    'is none of ECR under another host': ['docker.io/library/nginx', undefined],
    'is none without a host': ['nginx:1', undefined],
    'is none with capitals in its repository': [`${host}/App:1`, undefined],
  };
  for (const [title, [image, repository, reference]] of Object.entries(names)) {
    it(title, () => {
      const name = parseImage(image);
      assert.deepEqual([name?.repository, name?.reference], [repository, reference]);
    });
  }

  const name = parseImage(`${host}/app:1`);
  const cases: Record<string, [fact: Partial<Parameters<typeof findImage>[0]>, reasons: string[]]> = {
    'can be pulled': [{ reply: answer(200) }, ['ImagePullable']],
    'is none that can be named': [{ name: undefined }, ['ImageReferenceInvalid']],
    'is elsewhere than the logins of the secret': [{ hosts: ['other.example'] }, ['ImageElsewhere']],
    'is asked for where nobody knows the logins': [{ hosts: [], reply: answer(200) }, ['ImagePullable']],
    'is not there': [{ reply: answer(404, error('MANIFEST_UNKNOWN', 'Requested image not found')) }, ['ImageMissing']],
    'has a repository that is not there': [{ reply: answer(404, error('NAME_UNKNOWN', 'x')) }, ['RepositoryMissing']],
    'may not be pulled': [{ reply: answer(403, error('DENIED', 'no')) }, ['ImagePullDenied']],
    'may not be pulled without a login': [{ reply: answer(401) }, ['ImagePullDenied']],
    'is not known where the registry is unwell': [{ reply: answer(500) }, ['CouldNotLook']],
    'is not known where the registry cannot be reached': [{ reply: broken('Unreachable') }, ['CouldNotLook']],
    'is not judged where its registry was not asked': [{}, []],
  };
  for (const [title, [fact, reasons]] of Object.entries(cases)) {
    it(title, () => {
      const findings = findImage({ image: 'x', name, hosts: [host], ...fact });
      assert.deepEqual(
        findings.map(({ reason }) => reason),
        reasons,
      );
    });
  }
  it('that may not be pulled has the statement that allows it, for its repository alone', () => {
    const asked = { image: 'x', name, hosts: [host], reply: answer(403) };
    const [other] = findImage({ ...asked, arn: 'arn:aws:iam::999999999999:user/me' });
    assert.match(
      other?.fix ?? '',
      /^Both have to allow it.*: aws ecr get-repository-policy --registry-id 123456789012 /,
    );
    const [denied] = findImage({ ...asked, arn: 'arn:aws:iam::123456789012:user/me' });
    assert.match(
      denied?.fix ?? '',
      /"Action":\["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability"\],"Resource":"arn:aws:ecr:us-east-1:123456789012:repository\/app"/,
    );
  });
});

it("what a registry says is its first error, and of what is no registry's the beginning", () => {
  assert.equal(answerInWords(403, error('DENIED', 'no')), 'HTTP 403: DENIED: no');
  assert.equal(answerInWords(502, ' <html>\n Bad  gateway'), 'HTTP 502: <html> Bad gateway');
  assert.equal(answerInWords(500, { errors: 'x' }), 'HTTP 500');
  assert.ok(answerInWords(502, 'word '.repeat(1000)).length < 150);
});
