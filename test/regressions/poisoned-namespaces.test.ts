/**
 * What one tenant puts into a namespace or its secret: seconds and megabytes of the process that serves everybody, once, up
 * to the end of the pass or of the Lease.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startStage } from '../support/controller-stage.ts';
import { ended, startJobStage } from '../support/job-stage.ts';
import { peakOf, shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import type { Replica } from '../support/replica.ts';

type Kubernetes = Awaited<ReturnType<typeof startJobStage>>['kubernetes'];

const labels = { credentialType: 'ecr' };
const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const encoded = (text: string) => Buffer.from(text).toString('base64');
const nested = (bytes: number) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);
const login = JSON.stringify({ auth: encoded('a:b') });

/** A namespace whose secret of that name is somebody else's. */
function withSecret(kubernetes: Kubernetes, namespace: string, config: string, annotations = {}, note = ''): void {
  const metadata = { name: namespace, labels, ...(note === '' ? {} : { annotations: { note } }) };
  kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
  kubernetes.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'ecr-creds', namespace, annotations },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': encoded(config) },
  });
}

/** Each makes namespaces that come before all others. */
const poisons: Record<
  string,
  { codes: readonly string[]; readonly put: (kubernetes: Kubernetes, name: string) => void }
> = {
  'a login for a host of a million letters': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":{"${'a'.repeat(1_000_000)}":${login}}}`),
  },
  'a login for a host of 140,000 letters': {
    codes: ['SecretHoldsOtherRegistries'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":{"${'bearer '.repeat(20_000)}":${login}}}`),
  },
  'a login for 140,000 slashes': {
    codes: ['SecretHoldsOtherRegistries'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":{"${'/'.repeat(140_000)}x":${login}}}`),
  },
  'a mebibyte of nested arrays': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":${nested(mebibyte - 100)}}`),
  },
  '150 KiB of nested arrays': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":${nested(150 * kibibyte)}}`),
  },
  '12 KiB of nested arrays': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":{},"x":${nested(12 * kibibyte)}}`),
  },
  'fifty thousand empty objects': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => withSecret(kubernetes, name, `{"auths":{},"x":[${Array(50_000).fill('{}').join(',')}]}`),
  },
  'twenty secrets of nearly a mebibyte': {
    codes: ['SecretTooLarge'],
    put: (kubernetes, name) => {
      const config = `{"auths":{"other.example":${login}},"x":"${'x'.repeat(mebibyte - kibibyte)}"}`;
      for (let index = 0; index < 20; index += 1) withSecret(kubernetes, `${name}-${index}`, config);
    },
  },
  'forty secrets as large as they may be': {
    codes: ['SecretHoldsOtherRegistries'],
    put: (kubernetes, name) => {
      const config = `{"auths":{"other.example":${login}},"x":"${'x'.repeat(180 * kibibyte)}"}`;
      for (let index = 0; index < 40; index += 1) withSecret(kubernetes, `${name}-${index}`, config);
    },
  },
  'sixty namespaces and secrets with as much written on them as fits': {
    codes: [],
    put: (kubernetes, name) => {
      const note = 'n'.repeat(250 * kibibyte);
      for (let index = 0; index < 60; index += 1)
        withSecret(kubernetes, `${name}-${index}`, '{"auths":{}}', { note }, note);
    },
  },
  'a list of registries of a hundred thousand commas': {
    codes: [],
    put: (kubernetes, name) =>
      withSecret(kubernetes, name, '{"auths":{}}', { 'ecr-cred-helper/registries': 'a,'.repeat(100_000) }),
  },
  'a denial of 200 KiB of a webhook': {
    codes: ['AdmissionDenied'],
    put: (kubernetes, name) => {
      kubernetes.createNamespace(name, labels);
      const message = `admission webhook "x" denied the request: ${'ValidatingAdmissionPolicy '.repeat(8000)}`;
      const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 };
      const match = { verb: 'patch', resource: 'secrets', namespace: name } as const;
      kubernetes.faults.add({ match, effect: { status: 403, body } });
    },
  },
};

const others = Array.from({ length: 10 }, (_, index) => `team-${index}`);

describe('a tenant with odd things in a namespace keeps nobody from the others', () => {
  let program: ShippedProgram;
  before(async () => {
    program = await shippedProgram();
  });
  after(() => program.close());

  for (const [what, { codes, put }] of Object.entries(poisons)) {
    for (const onConflict of ['refuse', 'merge'] as const) {
      it(`a pass in 64 MiB (${onConflict}): ${what}`, { timeout: 60_000 }, async () => {
        const stage = await startJobStage(program.within(64));
        try {
          put(stage.kubernetes, 'a');
          for (const name of others) stage.kubernetes.createNamespace(name, labels);
          const child = stage.start(['-o', 'json'], { ECR_ON_CONFLICT: onConflict });
          const peakMiB = peakOf(child);
          const run = await ended(child);
          assert.ok(run.code === 5 || run.code === 0, `it ended with ${run.code}: ${run.stderr.slice(0, 2000)}`);
          for (const name of others) assert.ok(stage.login(name));
          const { problems } = JSON.parse(run.stdout);
          const isMerged = onConflict === 'merge' && codes.includes('SecretHoldsOtherRegistries');
          const found = [...new Set(problems.map(({ code }: { code: string }) => code))];
          assert.deepEqual(found, isMerged ? [] : codes);
          process.stdout.write(`at most ${peakMiB().toFixed(1)} MiB of its own\n`);
          assert.ok(peakMiB() < 64, `${peakMiB()} MiB`);
        } finally {
          await stage.close();
        }
      });
    }
  }

  it('the controller in 128 MiB: all of them, which keep changing', { timeout: 120_000 }, async () => {
    const stage = await startStage({ command: program.within(128) });
    try {
      for (const [index, { put }] of Object.values(poisons).entries()) put(stage.kubernetes, `a-${index}`);
      for (const name of others) stage.kubernetes.createNamespace(name, labels);
      const replica = await stage.start();
      const peakMiB = peakOf(replica.child);
      await stage.served(...others);
      let slowestMs = 0;
      for (const round of [0, 1, 2, 3, 4]) {
        for (const namespace of poisoned(stage.kubernetes)) touch(stage.kubernetes, namespace, round);
        const late = `late-${round}`;
        stage.kubernetes.createNamespace(late, labels);
        while (!stage.isServed(late)) slowestMs = Math.max(slowestMs, await answersIn(replica));
      }
      assert.ok(slowestMs < 1000, `health took ${slowestMs} ms`);
      assert.equal(replica.count('No longer leading'), 0);
      process.stdout.write(`at most ${peakMiB().toFixed(1)} MiB of its own\n`);
      assert.ok(peakMiB() < 128, `${peakMiB()} MiB`);
    } finally {
      await stage.close();
    }
  });
});

/** Those that have a secret of others. */
function poisoned(kubernetes: Kubernetes): string[] {
  const all = kubernetes.list('v1', 'Secret');
  return all.flatMap(({ metadata: { name, namespace = '' } }) =>
    name === 'ecr-creds' && namespace.startsWith('a-') ? [namespace] : [],
  );
}

/** Somebody labels the secret. */
function touch(kubernetes: Kubernetes, namespace: string, round: number): void {
  const metadata = { name: 'ecr-creds', namespace, labels: { touched: String(round) } };
  kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata }, 'somebody');
}

async function answersIn({ get }: Replica): Promise<number> {
  const beganMs = performance.now();
  assert.equal((await get('/healthz')).status, 200);
  await setTimeout(20);
  return performance.now() - beganMs - 20;
}
