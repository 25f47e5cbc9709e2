import { failure, type Failure } from '../../core/failures/errors.ts';
import { nearest } from '../../core/failures/suggest.ts';
import { oddIn } from './keys.ts';
import { placeOf, type AwsFiles, type Profile } from './files.ts';

/**
 * What keeps a profile from giving credentials, before anything is asked. A profile of which nothing is wrong here can
 * still be refused.
 * @param name of the profile; it has to be there.
 */
export function judgeProfile(name: string, files: AwsFiles): Failure[] {
  const profile = files.profiles.get(name);
  if (profile === undefined) return [missing('AWS_PROFILE', name, files)];
  return judgeSource(profile, files, []);
}

function judgeSource(profile: Profile, files: AwsFiles, visited: readonly string[]): Failure[] {
  const { settings, name } = profile;
  if (settings['role_arn'] !== undefined) return judgeRole(profile, files, [...visited, name]);
  if (settings['sso_session'] !== undefined) return judgeSsoSession(profile, files);
  if (settings['sso_start_url'] !== undefined) return judgeSso(profile);
  return judgeStatic(profile);
}

function invalid(where: string, why: string, hint: string): Failure {
  return failure('AwsProfileInvalid', { where, why, hint });
}

function missing(where: string, name: string, files: AwsFiles): Failure {
  const { profiles, unnamed, config, credentials } = files;
  const why = `there is no profile ${name} in ${config} or ${credentials}`;
  if (unnamed.has(name)) return invalid(where, why, `In ${config} its section has to be called [profile ${name}].`);
  const meant = nearest(name, profiles.keys());
  if (meant !== undefined) return invalid(where, why, `Did you mean ${meant}?`);
  const known = [...profiles.keys()].join(', ');
  return invalid(where, why, known === '' ? 'There is none at all.' : `Those there are: ${known}.`);
}

const credentialSources = ['Environment', 'Ec2InstanceMetadata', 'EcsContainer'];

function judgeRole(profile: Profile, files: AwsFiles, visited: readonly string[]): Failure[] {
  const { settings, name } = profile;
  const at = (setting: string) => placeOf(setting, profile);
  const { source_profile: source, credential_source: origin, web_identity_token_file: token, mfa_serial } = settings;
  if (mfa_serial !== undefined) {
    return [invalid(at('mfa_serial'), 'nobody is there to enter a code', 'Name a role that can be had without one.')];
  }
  if (source !== undefined && origin !== undefined) {
    const why = `the profile ${name} has both a source_profile and a credential_source`;
    return [invalid(at('credential_source'), why, 'Take one of the two out.')];
  }
  if (origin !== undefined && !credentialSources.includes(origin)) {
    const hint = `Set it to ${credentialSources.join(', ')}.`;
    return [invalid(at('credential_source'), 'it is none of those there are', hint)];
  }
  if (source === undefined && origin === undefined && token === undefined) {
    const why = 'nothing says with whose credentials the role is to be assumed';
    return [invalid(at('role_arn'), why, 'Add source_profile, credential_source or web_identity_token_file.')];
  }
  if (source === undefined) return [];
  const next = files.profiles.get(source);
  if (next === undefined) return [missing(at('source_profile'), source, files)];
  if (!visited.includes(source)) return judgeSource(next, files, visited);
  // A profile may be its own source, where it has a key.
  if (next.settings['aws_access_key_id'] !== undefined) return judgeStatic(next);
  const hint = 'Name a profile that has credentials of its own.';
  return [invalid(at('source_profile'), `it leads back to ${source}`, hint)];
}

function judgeSsoSession(profile: Profile, files: AwsFiles): Failure[] {
  const name = profile.settings['sso_session'] ?? '';
  const where = placeOf('sso_session', profile);
  const session = files.sections.get(`sso-session.${name}`);
  if (session === undefined) {
    return [
      invalid(
        where,
        `there is no section [sso-session ${name}] in ${files.config}`,
        'Add it: aws configure sso-session',
      ),
    ];
  }
  const inSession = ['sso_region', 'sso_start_url'].filter((setting) => session[setting] === undefined);
  const inProfile = ['sso_account_id', 'sso_role_name'].filter((setting) => profile.settings[setting] === undefined);
  if (inSession.length + inProfile.length === 0) return [];
  const ofSession = inSession.map((setting) => `${setting} in [sso-session ${name}]`);
  const lacking = [...ofSession, ...inProfile.map((setting) => `${setting} in the profile`)].join(', ');
  return [invalid(where, `it lacks ${lacking}`, 'Run: aws configure sso')];
}

/** Of the older kind, with everything in the profile. */
function judgeSso(profile: Profile): Failure[] {
  const needed = ['sso_region', 'sso_account_id', 'sso_role_name'];
  const lacking = needed.filter((setting) => profile.settings[setting] === undefined).join(', ');
  if (lacking === '') return [];
  return [invalid(placeOf('sso_start_url', profile), `it stands there without ${lacking}`, 'Run: aws configure sso')];
}

function judgeStatic(profile: Profile): Failure[] {
  const keys = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'] as const;
  const [id, secret] = keys.map((key) => profile.settings[key]);
  if ((id === undefined) !== (secret === undefined)) {
    const [there, lacking] = id === undefined ? [keys[1], keys[0]] : [keys[0], keys[1]];
    return [invalid(placeOf(there, profile), `it stands there without ${lacking}`, 'Set both, or neither.')];
  }
  return keys.flatMap((key) => {
    const odd = oddIn(profile.settings[key] ?? '');
    if (odd === undefined) return [];
    return [invalid(placeOf(key, profile), `it holds ${odd}`, 'Set it to the text that AWS gave, and nothing else.')];
  });
}
