/** How the pods come by credentials of AWS: the same ways for the CronJob and the controller. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EnvVar } from 'kubernetes-types/core/v1.js';
import { build, objectsOf, ofKind, podsOf } from './manifests.ts';

/** The overlays of the two ways to run the program. */
const ways = {
  key: ['deploy/cronjob', 'deploy/controller'],
  irsa: ['deploy/irsa', 'deploy/controller-irsa'],
  selfHosted: ['deploy/irsa-self-hosted', 'deploy/controller-irsa-self-hosted'],
  podIdentity: ['deploy/pod-identity', 'deploy/controller-pod-identity'],
};

describe('the key of an IAM user', () => {
  for (const overlay of ways.key) {
    test(`${overlay} takes it from a file that may change, or from variables`, async () => {
      const { env, pod } = await credentials(overlay);
      assert.deepEqual(
        env.map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef?.name]),
        [
          ['AWS_SHARED_CREDENTIALS_FILE', undefined],
          ['AWS_ACCESS_KEY_ID', 'aws-creds'],
          ['AWS_SECRET_ACCESS_KEY', 'aws-creds'],
          ['AWS_SESSION_TOKEN', 'aws-creds'],
        ],
      );
      const [mount] = pod?.spec?.containers[0]?.volumeMounts ?? [];
      assert.equal(env[0]?.value, `${mount?.mountPath}/credentials`);
      assert.deepEqual(pod?.spec?.volumes, [
        {
          name: mount?.name,
          secret: {
            secretName: 'aws-creds',
            defaultMode: 0o440,
            optional: true,
            items: [{ key: 'credentials', path: 'credentials' }],
          },
        },
      ]);
    });

    // A pod that waits for a secret says nothing; the program says what is missing and what to do.
    test(`${overlay} starts without it`, async () => {
      const { env } = await credentials(overlay);
      const needed = env.filter(({ valueFrom }) => valueFrom?.secretKeyRef?.optional === false);
      assert.deepEqual(needed, []);
    });
  }
});

describe('without any key', () => {
  for (const overlay of [...ways.irsa, ...ways.podIdentity]) {
    test(`${overlay} has no setting of credentials in the pod`, async () => {
      assert.deepEqual((await credentials(overlay)).env, []);
    });
  }

  for (const overlay of ways.irsa) {
    test(`${overlay} names the role where EKS looks for it`, async () => {
      const account = (await objects(overlay)).find(({ kind }) => kind === 'ServiceAccount');
      const { annotations }: { annotations: Record<string, string> } = Object(account?.metadata);
      assert.deepEqual(Object.keys(annotations), ['eks.amazonaws.com/role-arn']);
    });
  }

  for (const overlay of ways.selfHosted) {
    test(`${overlay} has the role from the settings and a token for STS`, async () => {
      const { env, pod } = await credentials(overlay);
      const [settings] = ofKind(await objects(overlay), 'ConfigMap');
      const [role, file] = env;
      assert.deepEqual(
        env.map(({ name }) => name),
        ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
      );
      assert.equal(role?.valueFrom?.configMapKeyRef?.name, settings?.metadata?.name);
      assert.match(settings?.data?.['AWS_ROLE_ARN'] ?? '', /^arn:aws:iam::\d+:role\//);
      const [mount] = pod?.spec?.containers[0]?.volumeMounts ?? [];
      assert.equal(file?.value, `${mount?.mountPath}/token`);
      assert.deepEqual(pod?.spec?.volumes?.[0]?.projected?.sources, [
        { serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 3600, path: 'token' } },
      ]);
    });
  }
});

async function objects(overlay: string) {
  return objectsOf(await build(overlay));
}

/** The pod, and its variables beside the settings that are optional. */
async function credentials(overlay: string) {
  const [pod] = podsOf(await objects(overlay)).values();
  const env: EnvVar[] = pod?.spec?.containers[0]?.env ?? [];
  return { pod, env: env.filter(({ valueFrom }) => valueFrom?.configMapKeyRef?.optional !== true) };
}
