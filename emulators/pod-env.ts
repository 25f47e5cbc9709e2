import type { AwsEmulator } from './aws/server.ts';
import type { Kubernetes } from './kubernetes/index.ts';

/** What a pod has in its environment: where the emulated cluster is, and the key of the emulated account. */
export function podEnv(aws: AwsEmulator, { port }: Pick<Kubernetes, 'port'>) {
  return {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(port),
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
}
