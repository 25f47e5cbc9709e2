import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startStage as startControllerStage } from './support/controller-stage.ts';
import { writeKubeconfig } from './support/servers.ts';
import { until } from './support/until.ts';
import { startJobStage, type JobStage } from './support/job-stage.ts';
import { shippedProgram, type ShippedProgram } from './support/shipped-program.ts';

const labels = { credentialType: 'ecr' };
/** A password that looks like none; ECR's are base64, and nothing but having been issued makes this one a secret. */
const password = ['Correct-Horse', 'Battery_Staple', 'of nobody'].join('.').replace(' ', '~');
const issued = {
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
        expiresAt: Date.now() / 1000 + 43_000,
        proxyEndpoint: 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com',
      },
    ],
  }),
};
const inBase64 = Buffer.from(`"password":"${password}"`).toString('base64');
/** What a webhook says that quotes the object, as it is and in words. */
const denial = {
  status: 403,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: `admission webhook "quotes.example" denied the request: the login AWS with ${password} (${inBase64}) is not allowed`,
    reason: 'Forbidden',
    code: 403,
  },
};
// What stands before the password in the base64 is none.
const pieces = [password, inBase64.slice(18)].flatMap((secret) =>
  Array.from({ length: secret.length - 15 }, (_, at) => secret.slice(at, at + 16)),
);

function showsNothing(printed: string): void {
  assert.match(printed, /\[redacted\]/);
  for (const piece of pieces) assert.ok(!printed.includes(piece), printed);
}

describe('what a stranger quotes comes out redacted', () => {
  let stage: JobStage;
  let program: ShippedProgram;
  let asAdministrator: Record<string, string>;
  before(async () => {
    // Many processes: the built program starts in a tenth of the time.
    program = await shippedProgram();
    stage = await startJobStage(program.command);
    stage.kubernetes.createNamespace('team-a', labels);
    const path = join(stage.directory, 'kubeconfig');
    await writeFile(path, stage.kubernetes.kubeconfig());
    asAdministrator = { KUBECONFIG: path };
  });
  after(async () => {
    await stage.close();
    await program.close();
  });
  beforeEach(() => {
    stage.kubernetes.faults.clear();
    stage.aws.faults.clear();
  });

  for (const [output, args, env] of [
    ['the log as JSON', [], { LOG_FORMAT: 'json' }],
    ['the log as text', [], { LOG_FORMAT: 'text' }],
    ['-o json', ['-o', 'json'], {}],
    ['doctor', ['doctor'], {}],
    ['doctor -o json', ['doctor', '-o', 'json'], {}],
  ] as const) {
    it(`a webhook's denial with the issued password, in ${output}`, async () => {
      stage.aws.faults.add({ match: { service: 'ecr' }, effect: issued });
      stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: denial });
      const run = await stage.run(args, { ...env, ...asAdministrator });
      assert.match(run.stdout + run.stderr, /quotes\.example/);
      showsNothing(run.stdout + run.stderr);
    });

    it(`the canonical string of AWS with the session token, in ${output}`, async () => {
      const token = Buffer.from(`session of nobody ${output}`.repeat(4)).toString('base64');
      const message = `The request signature we calculated does not match. The Canonical String for this request should have been\n'POST\n/\n\nhost:api.ecr.us-east-1.amazonaws.com\nx-amz-security-token:${token}\n\nhost;x-amz-security-token\n'`;
      const body = JSON.stringify({ __type: 'InvalidSignatureException', message });
      stage.aws.faults.add({ effect: { status: 400, headers: issued.headers, body } });
      const run = await stage.run(args, { ...env, ...asAdministrator, AWS_SESSION_TOKEN: token });
      assert.match(run.stdout + run.stderr, /x-amz-security-token/);
      for (let at = 0; at + 16 <= token.length; at += 1) {
        assert.ok(!(run.stdout + run.stderr).includes(token.slice(at, at + 16)), run.stdout + run.stderr);
      }
    });

    it(`orders to the terminal in a login of others, in ${output}`, async () => {
      const host = 'evil.example\u001B[2J\u001B]0;x\u0007\nFAKE ✓ all is well\u202E\u009B31m\u2028';
      const config = { auths: { [host]: { auth: Buffer.from('a:b').toString('base64') } } };
      stage.kubernetes.createNamespace('odd', labels);
      stage.kubernetes.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'ecr-creds', namespace: 'odd' },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
      });
      const run = await stage.run(args, { ...env, ...asAdministrator });
      stage.kubernetes.deleteNamespace('odd');
      const printed = run.stdout + run.stderr;
      assert.match(printed, /evil\.example/);
      assert.doesNotMatch(printed, /^FAKE/m);
      assert.doesNotMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
    });
  }

  it('a plugin that prints what it issues on standard error and fails', async () => {
    const token = ['token', 'of', 'nobody', 'in', 'words'].join('-');
    const plugin = join(stage.directory, 'plugin.sh');
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
    await writeFile(
      plugin,
      `#!/bin/sh\necho '${JSON.stringify(credential)}'\necho "debug: got ${token}" >&2\nexit 7\n`,
    );
    await chmod(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    const at = join(stage.directory, 'plugin.kubeconfig');
    const path = await writeKubeconfig(at, stage.kubernetes.url, { exec }, stage.kubernetes.caPem);
    const run = await stage.run(['status'], { KUBECONFIG: path });
    assert.match(run.stderr, /ended with 7: debug: got \[redacted\]/);
    assert.ok(!run.stderr.includes(token));
  });

  it('odd answers of AWS are told and no bug', async () => {
    const odd: [name: unknown, message: unknown][] = [
      ['constructor', 'a'],
      ['toString', { an: 'object' }],
      ['__proto__', 7],
      [{ a: 1 }, null],
      [7, ['a']],
    ];
    for (const [name, message] of odd) {
      const body = JSON.stringify({ __type: name, message, Message: message });
      stage.aws.faults.clear();
      stage.aws.faults.add({
        effect: { status: 400, body, headers: { 'content-type': 'application/x-amz-json-1.1' } },
      });
      const run = await stage.run();
      assert.equal(run.code, 3, `${body}: ${run.stderr}`);
    }
    for (const authorizationToken of [7, {}, [], true, null]) {
      const body = JSON.stringify({
        authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + 100, proxyEndpoint: 5 }],
      });
      stage.aws.faults.clear();
      stage.aws.faults.add({ effect: { ...issued, body } });
      const run = await stage.run();
      assert.equal(run.code, 3, `${body}: ${run.stderr}`);
    }
  });
});

it('what a stranger quotes comes out redacted in an Event and in metrics', { timeout: 40_000 }, async () => {
  const stage = await startControllerStage();
  try {
    stage.aws.faults.add({ match: { service: 'ecr' }, effect: issued });
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: denial });
    stage.kubernetes.createNamespace('team-a', labels);
    const replica = await stage.start();
    await until('an Event', () => stage.events('team-a').length > 0);
    const events = JSON.stringify(stage.events('team-a'));
    assert.match(events, /quotes\.example/);
    showsNothing(events);
    const metrics = (await replica.get('/metrics')).text;
    for (const piece of pieces) assert.ok(!metrics.includes(piece));
    showsNothing(JSON.stringify(replica.lines));
  } finally {
    await stage.close();
  }
});
