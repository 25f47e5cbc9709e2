import { valueOf, type Environment } from '../environment.ts';
import { awsFiles, profileMeant, type ReadFile } from './files.ts';

/** A key of an IAM user, or a temporary one; secret. */
export type StaticKey = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** What the AWS SDK calls the link of its chain that finds it. */
  feature: 'CREDENTIALS_ENV_VARS' | 'CREDENTIALS_PROFILE';
};

/**
 * The key that the AWS SDK would find first where it is given these: that of the environment, unless a profile is named,
 * or that of the profile. Undefined where something else than a key gives credentials there.
 */
export function staticKeyIn(env: Environment, homeDirectory: string, readFile: ReadFile): StaticKey | undefined {
  const { name, isNamed } = profileMeant(env);
  if (!isNamed) {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
    const found = keyOf(names.map((each) => valueOf(env, each)));
    if (found !== undefined) return { ...found, feature: 'CREDENTIALS_ENV_VARS' };
  }
  const { settings = {} } = awsFiles(env, homeDirectory, readFile).profiles.get(name) ?? {};
  if (settings['role_arn'] !== undefined) return undefined;
  const names = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'] as const;
  const found = keyOf(names.map((each) => settings[each]));
  return found === undefined ? undefined : { ...found, feature: 'CREDENTIALS_PROFILE' };
}

function keyOf([accessKeyId, secretAccessKey, sessionToken]: readonly (string | undefined)[]) {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
