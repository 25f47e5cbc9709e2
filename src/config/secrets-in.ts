import { looksSecret, namesSecret } from '../core/text/redact.ts';
import type { Environment } from './environment.ts';
import { outerVariables } from './variables.ts';

const credentials: ReadonlySet<string> = new Set(
  outerVariables.flatMap(({ env, isCredential }) => (isCredential === true ? [env] : [])),
);
/** A word that is shorter, in a variable of somebody's that is named like a secret, may well be an ordinary one. */
const leastCharacters = 12;

/**
 * What must never be shown of the environment and the arguments: values of variables for credentials, passwords in URLs,
 * and whatever looks like a credential, since people paste them into the wrong place.
 */
export function secretsIn(env: Environment, argv: readonly string[]): string[] {
  const values = Object.entries(env).flatMap(([name, value = '']) => {
    if (credentials.has(name)) return [value];
    if (namesSecret(name) && value.length >= leastCharacters) return [value];
    return suspects(value);
  });
  return [...values, ...argv.flatMap((argument) => [argument, argument.replace(/^-[^=]*=/, '')].flatMap(suspects))];
}

function suspects(value: string): string[] {
  // Too short for one that could be told from a word; most of the hundreds of variables that a pod may have are.
  if (value.length < leastCharacters && !value.includes('@')) return [];
  const url = URL.parse(value.trim());
  if (url !== null && url.host !== '')
    return [...userInfo(url, value), ...partsOf(url).filter((part) => looksSecret(part))];
  const words = value.split(/[\s,;="']+/).filter((word) => looksSecret(word));
  return looksSecret(value) ? [value, ...words] : words;
}

function partsOf({ pathname, search, hash }: URL): string[] {
  return [pathname.slice(1), search.slice(1), hash.slice(1), ...search.slice(1).split(/[&=]/)];
}

/** As they are written, and as they are meant. */
function userInfo(url: URL, written: string): string[] {
  const raw = /^[^/]*\/\/[^/]*?:(.*)@/.exec(written)?.[1] ?? '';
  const encoded = [url.password, ...(url.password === '' ? [url.username] : []), raw];
  return encoded.filter((each) => each !== '').flatMap((each) => [each, decoded(each)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
