import { warning, type Warning } from '../../core/failures/warnings.ts';
import { valueOf, type Environment } from '../environment.ts';
import { profileMeant, type Profile } from './files.ts';

/** Settings of AWS that stand beside others which win, so that who set them is mistaken. */
export function judgeUnused(env: Environment, profile: Profile | undefined): Warning[] {
  const has = (name: string) => valueOf(env, name) !== undefined;
  const hasKey = has('AWS_ACCESS_KEY_ID') && has('AWS_SECRET_ACCESS_KEY');
  const { name, isNamed } = profileMeant(env);
  const winner = hasKey && !isNamed ? keys : gives(profile) ? profileOf(name, isNamed) : undefined;
  const [token, role] = ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'] as const;
  const container = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'].find(has);
  const found = judgeDefaultProfile(env);
  if (winner !== undefined) {
    if (has(role))
      found.push(unused(role, `${winner.name} before it: the role is not assumed`, `${winner.drop}, or ${role}.`));
    if (container !== undefined) found.push(unused(container, `${winner.name} before it`, `${winner.drop} to use it.`));
  } else if (has(token) !== has(role)) {
    const [there, lacking] = has(token) ? [token, role] : [role, token];
    found.push(unused(there, `it has no effect without ${lacking}`, 'Set both, or neither.'));
  }
  return found;
}

type Winner = { name: string; drop: string };

const keys: Winner = {
  name: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are used',
  drop: 'Unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
};

function profileOf(name: string, isNamed: boolean): Winner {
  return {
    name: `the credentials of the profile ${name} are used`,
    drop: isNamed ? 'Unset AWS_PROFILE' : 'Unset AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE',
  };
}

function gives(profile: Profile | undefined): boolean {
  const { aws_access_key_id: key, role_arn, sso_session, sso_start_url, credential_process } = profile?.settings ?? {};
  return [key, role_arn, sso_session, sso_start_url, credential_process].some((setting) => setting !== undefined);
}

/** The AWS CLI reads it, and before AWS_PROFILE; the SDK does not. */
function judgeDefaultProfile(env: Environment): Warning[] {
  const name = valueOf(env, 'AWS_DEFAULT_PROFILE');
  const used = profileMeant(env).name;
  if (name === undefined || name === used) return [];
  const why = `it names ${name}, which the AWS CLI would use; the AWS SDK reads AWS_PROFILE alone, and uses ${used}`;
  return [unused('AWS_DEFAULT_PROFILE', why, `Set AWS_PROFILE=${name} if it is meant, or unset AWS_DEFAULT_PROFILE.`)];
}

function unused(where: string, why: string, hint: string): Warning {
  return warning('AwsSettingUnused', { where, why, hint });
}
