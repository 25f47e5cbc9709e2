import type { Playground } from './playground.ts';
import type { Stage } from './stage.ts';

const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/hello:1.0';
const account = `kubectl -n shop patch serviceaccount default -p '{"imagePullSecrets":[{"name":"ecr-creds"}]}'`;
const run = `kubectl -n shop run web --image=${image}`;

/**
 * Tells what the program is for, with real commands.
 * @param lifeMs how long the first token lives.
 * @throws where something does not happen that is told.
 */
export async function tell({ kubernetes, aws, keyFile }: Playground, stage: Stage, lifeMs: number): Promise<void> {
  const { title, say, type, ask, until } = stage;
  const must = async (command: string, expected = 0) => {
    const code = await type(command);
    if (code !== expected) throw new Error(`${command}: ended with ${code}`);
  };
  const hasSecret = (namespace: string) => kubernetes.getSecret(namespace, 'ecr-creds') !== undefined;
  const webIs = (reason: string) => () =>
    JSON.stringify(kubernetes.get('v1', 'Pod', 'shop', 'web')?.['status'] ?? {}).includes(reason);
  /** How long after the label was there the pull secret was. */
  const labelled = async (namespace: string, command: string) => {
    const seen = until(
      'the label',
      () => kubernetes.get('v1', 'Namespace', '', namespace)?.metadata.labels?.['credentialType'] === 'ecr',
    );
    const served = seen.then(() => until(`the secret of ${namespace}`, () => hasSecret(namespace)));
    await Promise.all([must(command), served]);
    await say(`Its pull secret was there ${inMs(await served)} after the label.`);
  };

  await title('1. A pull that fails');
  await say('The pods of the namespace shop are told to use a pull secret, and there is none.');
  await must('kubectl create namespace shop');
  await must(account);
  await must(run);
  await until('a pull that fails', webIs('ImagePullBackOff'));
  await must('kubectl -n shop get pods');

  await title('2. One pass, as a CronJob makes it every four hours');
  await must('kubectl label namespace shop credentialType=ecr');
  const life = `${lifeMs / 1000} seconds`;
  await say(
    `ECR's tokens live for twelve hours. The first one here lives for ${life}, so that you see what happens then.`,
  );
  aws.liveFor(lifeMs);
  await must('ecr-cred-helper');
  await until('the pull', webIs('"Ready","status":"True"'));
  await must('kubectl -n shop get pods');

  await title('3. The token expires');
  await until('the end of the token', () => aws.issuedTokens.every(({ expiresAtMs }) => expiresAtMs < Date.now()));
  aws.liveFor(12 * 60 * 60_000);
  await must('kubectl -n shop delete pod web');
  await must(run);
  await until('a pull that fails', webIs('ImagePullBackOff'));
  await must('kubectl -n shop get pods');
  await must('ecr-cred-helper explain web -n shop', 5);

  await title('4. The controller, which renews them in time');
  await must('kubectl create namespace ecr-cred-helper --save-config');
  await must(`kubectl -n ecr-cred-helper create secret generic aws-creds --from-file=credentials=${keyFile}`);
  await must('kubectl apply -k deploy/controller');
  await must('kubectl -n ecr-cred-helper rollout status deployment/ecr-cred-helper');
  await until('the pull', webIs('"Ready","status":"True"'));
  await say('It found an expired token, and the pod that waited has its image:');
  await must('kubectl -n shop get pods');

  await title('5. A namespace gains the label');
  await must('kubectl create namespace billing');
  await labelled('billing', 'kubectl label namespace billing credentialType=ecr');

  await title('6. Somebody deletes a pull secret');
  const before = kubernetes.getSecret('billing', 'ecr-creds')?.metadata.uid;
  const gone = until('the secret to go', () => kubernetes.getSecret('billing', 'ecr-creds')?.metadata.uid !== before);
  const back = gone.then(() => until('the secret', () => hasSecret('billing')));
  await must('kubectl -n billing delete secret ecr-creds');
  await say(`It was back after ${inMs(await back)}.`);

  await title('7. ECR is down');
  aws.faults.add({ match: { service: 'ecr' }, effect: { error: 'ServerException' } });
  await say('The secrets stay as they are, and a namespace that is new is served with the last good token.');
  await must('kubectl create namespace late');
  await labelled('late', 'kubectl label namespace late credentialType=ecr');
  aws.faults.clear();

  await title('8. A label is mistyped');
  await must('kubectl create namespace payments');
  await must('kubectl label namespace payments credentialtype=ecr');
  await say('Nothing happens, and nothing says so. That is what doctor is for:');
  await must('ecr-cred-helper doctor', 5);
  const { findings }: { findings: { reason: string; command?: string }[] } = JSON.parse(
    await ask('ecr-cred-helper doctor -o json'),
  );
  const { command } = findings.find(({ reason }) => reason === 'NamespaceLabelMistyped') ?? {};
  if (command === undefined) throw new Error('doctor did not find the label that was mistyped');
  await say('What it says can be pasted:');
  await labelled('payments', command);

  await title('9. What stands there now');
  await must('ecr-cred-helper status');
}

function inMs(ms: number): string {
  return ms < 1 ? 'less than a millisecond' : `${Math.round(ms)} ms`;
}
