import { failure, type Failure } from '../../core/failures/errors.ts';
import { warning, type Warning } from '../../core/failures/warnings.ts';
import { valueOf, type Environment } from '../environment.ts';

const accessKeyName = 'AWS_ACCESS_KEY_ID';
const secretKeyName = 'AWS_SECRET_ACCESS_KEY';
const sessionTokenName = 'AWS_SESSION_TOKEN';

/** What is wrong with the AWS key of the environment. No message holds any part of it. */
export function judgeKeys(env: Environment): { failures: Failure[]; warnings: Warning[] } {
  const accessKey = valueOf(env, accessKeyName);
  const secretKey = valueOf(env, secretKeyName);
  const hasProfile = valueOf(env, 'AWS_PROFILE') !== undefined;
  if (hasProfile) {
    const hidden = accessKey !== undefined && secretKey !== undefined;
    const why = 'the AWS SDK skips static keys where a profile is named';
    return { failures: [], warnings: hidden ? [warning('ProfileHidesKeys', { where: 'AWS_PROFILE', why })] : [] };
  }
  const malformed = [accessKeyName, secretKeyName, sessionTokenName].flatMap((name) => judgeText(name, env));
  return { failures: [...malformed, ...judgePair(accessKey, secretKey, env)], warnings: [] };
}

function judgeText(name: string, env: Environment): Failure[] {
  const text = valueOf(env, name) ?? '';
  const found = oddIn(text);
  if (found === undefined) return [];
  const expected = 'the text that AWS gave, and nothing else';
  return [failure('OptionValueInvalid', { where: name, why: `it holds ${found}`, name, expected })];
}

/** What no key has, in words; a key is ASCII. */
export function oddIn(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return 'a space or line break';
  if (/["'\u2018-\u201f«»]/u.test(text)) return 'a quotation mark';
  const [odd] = /[^\x21-\x7e]/u.exec(text) ?? [];
  if (odd === undefined) return undefined;
  return `the character U+${odd.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}

function judgePair(accessKey: string | undefined, secretKey: string | undefined, env: Environment): Failure[] {
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    const [present, absent] = accessKey === undefined ? [secretKeyName, accessKeyName] : [accessKeyName, secretKeyName];
    return [failure('CredentialsIncomplete', { where: absent, why: `${present} is set and ${absent} is not` })];
  }
  if (accessKey === undefined || secretKey === undefined) return [];
  const keyId = /^A(?:KIA|SIA)[A-Z0-9]{16}$/;
  if (!keyId.test(accessKey) && keyId.test(secretKey)) {
    const why = `${secretKeyName} holds what looks like an access key id`;
    return [failure('OptionsContradict', { where: accessKeyName, why, hint: 'Swap the two values.' })];
  }
  if (/^ASIA[A-Z0-9]{16}$/.test(accessKey) && valueOf(env, sessionTokenName) === undefined) {
    const why = `it is a temporary key, which AWS takes only with ${sessionTokenName}`;
    const hint = `Set ${sessionTokenName} as well, or use the key of an IAM user.`;
    return [failure('OptionsContradict', { where: accessKeyName, why, hint })];
  }
  return [];
}
