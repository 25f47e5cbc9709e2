/** A variable that other parts read by themselves, so that it is no option here. */
export type OuterVariable = {
  env: string;
  readBy: 'the AWS SDK' | 'the connection to AWS' | 'every connection' | 'the terminal output';
  help: string;
  /** Never shown, and never an argument. */
  isCredential?: boolean;
};

/** Variables that are not parsed into settings, in the order of `docs/options.md`. */
export const outerVariables: readonly OuterVariable[] = [
  sdk('AWS_ACCESS_KEY_ID', 'Access key of an IAM user', true),
  sdk('AWS_SECRET_ACCESS_KEY', 'Secret key that belongs to it', true),
  sdk('AWS_SESSION_TOKEN', 'Session token, with temporary keys alone', true),
  sdk('AWS_PROFILE', 'Profile of the AWS configuration files; static keys are skipped then'),
  sdk('AWS_CONFIG_FILE', 'AWS configuration file, instead of ~/.aws/config'),
  sdk('AWS_SHARED_CREDENTIALS_FILE', 'AWS credentials file, instead of ~/.aws/credentials'),
  sdk('AWS_ROLE_ARN', 'Role for web identity; EKS sets it (IRSA)'),
  sdk('AWS_ROLE_SESSION_NAME', 'Name of that session in CloudTrail'),
  sdk('AWS_WEB_IDENTITY_TOKEN_FILE', 'Token for web identity; EKS sets it (IRSA)'),
  sdk('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'Endpoint of container credentials; EKS sets it (Pod Identity)'),
  sdk('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'The same as a path, on ECS'),
  sdk('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'Token for that endpoint; EKS sets it (Pod Identity)'),
  sdk('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'The same, as text', true),
  sdk('AWS_EC2_METADATA_DISABLED', '`true` keeps it from asking instance metadata for credentials'),
  sdk('AWS_ENDPOINT_URL', 'Endpoint of every AWS service'),
  sdk('AWS_ENDPOINT_URL_ECR', 'Endpoint of ECR, such as a VPC endpoint'),
  sdk('AWS_ENDPOINT_URL_STS', 'Endpoint of STS'),
  sdk('AWS_USE_FIPS_ENDPOINT', '`true` calls the FIPS endpoints'),
  sdk('AWS_USE_DUALSTACK_ENDPOINT', '`true` calls the dual-stack endpoints'),
  sdk('AWS_MAX_ATTEMPTS', 'Most attempts of one call'),
  sdk('AWS_RETRY_MODE', '`standard` or `adaptive`'),
  { env: 'AWS_CA_BUNDLE', readBy: 'the connection to AWS', help: 'PEM file of CA certificates to trust as well' },
  connection('HTTPS_PROXY', 'Proxy for HTTPS; also in lower case'),
  connection('HTTP_PROXY', 'Proxy for plain HTTP; also in lower case'),
  connection('NO_PROXY', 'Hosts that are reached without the proxy; also in lower case'),
  { env: 'NO_COLOR', readBy: 'the terminal output', help: 'Any value: no colours' },
  { env: 'FORCE_COLOR', readBy: 'the terminal output', help: 'Any value but 0: colours even without a terminal' },
];

/** Variables of older releases that have no effect now, and what to do instead. */
export const retiredVariables: Readonly<Record<string, { why: string; hint: string }>> = {
  ECR_CRON_SCHEDULE: {
    why: 'the CronJob decides when this program runs',
    hint: 'Remove it, and set the schedule in the CronJob (spec.schedule).',
  },
};

/** Names that people bring along from other tools, and what they are called here. */
export const broughtVariables: Readonly<Record<string, string>> = {
  DOCKER_REGISTRIES: 'DOCKER_REGISTRY',
  DOCKER_REGISTRY_URL: 'DOCKER_REGISTRY',
  DOCKER_SECRET_NAME: 'ECR_SECRET_NAME',
  AWS_ACCESS_KEY: 'AWS_ACCESS_KEY_ID',
  AWS_SECRET_KEY: 'AWS_SECRET_ACCESS_KEY',
  AWS_SECRET_ACCESS_KEY_ID: 'AWS_SECRET_ACCESS_KEY',
  AWS_SECURITY_TOKEN: 'AWS_SESSION_TOKEN',
  AWS_ASSUME_ROLE: 'AWS_ROLE_ARN',
  AWS_ASSUME_ROLE_ARN: 'AWS_ROLE_ARN',
  AWS_ECR_REGION: 'AWS_REGION',
  AWS_REGION_NAME: 'AWS_REGION',
  AWS_ECR_REGISTRY: 'DOCKER_REGISTRY',
};

/** Variables of Node that would turn off what protects the connections; they are taken out of the environment. */
export const overruledVariables: readonly string[] = ['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_DEBUG'];

/**
 * Variables of other tools that look like mistyped ones of ours, and are none.
 * The AWS CLI, SDKs and Lambda document these.
 */
export const foreignVariables: ReadonlySet<string> = new Set([
  'AWS_DEFAULT_PROFILE',
  'AWS_DEFAULT_OUTPUT',
  'AWS_REGIONS',
  'AWS_ENDPOINT_URL_EC2',
  'AWS_ENDPOINT_URL_EKS',
  'AWS_ENDPOINT_URL_ECS',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_SNS',
  'AWS_ENDPOINT_URL_SQS',
  'AWS_ENDPOINT_URL_SSM',
  'AWS_ENDPOINT_URL_SSO',
  'AWS_ENDPOINT_URL_KMS',
  'AWS_ENDPOINT_URL_IAM',
  'AWS_ENDPOINT_URL_RDS',
]);

function sdk(env: string, help: string, isCredential = false): OuterVariable {
  return { env, readBy: 'the AWS SDK', help, ...(isCredential ? { isCredential } : {}) };
}

function connection(env: string, help: string): OuterVariable {
  return { env, readBy: 'every connection', help };
}
