import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** An entry of `clusters`, `users` or `contexts`, and the directory that its relative paths start from. */
export type Entry = {
  kind: 'cluster' | 'user' | 'context';
  name: string;
  fields: Readonly<Record<string, unknown>>;
  directory: string;
  file: string;
};

/** `the user jane`. */
export function titleOf({ kind, name }: Entry): string {
  return `the ${kind} ${name}`;
}

/**
 * A field that holds a text; empty where it is not there.
 * @throws where something else stands there: YAML takes `12345` for a number, and client-go refuses it.
 */
export function textIn(entry: Entry, field: string): string {
  const value = entry.fields[field] ?? '';
  if (typeof value === 'string') return value.toWellFormed();
  throw new Error(`${field} of ${titleOf(entry)} is ${described(value)}, and has to be a text; quotes make it one`);
}

/** @throws where something else than true or false stands there. */
export function flagIn(entry: Entry, field: string): boolean {
  const value = entry.fields[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw new Error(`${field} of ${titleOf(entry)} is ${described(value)}, and has to be true or false`);
}

/** @throws where something else than a list of texts stands there. */
export function textsIn(entry: Entry, field: string): string[] {
  const value = entry.fields[field] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new Error(`${field} of ${titleOf(entry)} has to be a list of texts`);
}

/** A path of the file, which is relative to the file's directory (client-go: `ResolveLocalPaths`). */
export function pathIn(entry: Entry, path: string): string {
  return isAbsolute(path) ? path : join(entry.directory, path);
}

/** @throws naming the field where the file cannot be read. */
export function fileIn(entry: Entry, field: string): string {
  try {
    return readFileSync(pathIn(entry, textIn(entry, field)), 'utf8');
  } catch (error) {
    throw new Error(`${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Certificates or a key as text, and which field they stand in. */
export type Pem = { text: string; from: string };

/**
 * `field-data` in base64, or the file that `field` names.
 * @throws where both are there (client-go: `validateAuthInfo`, `validateClusterInfo`), and for what is no PEM.
 */
export function pemIn(entry: Entry, field: string): Pem | undefined {
  const data = textIn(entry, `${field}-data`);
  const path = textIn(entry, field);
  if (data !== '' && path !== '') throw new Error(`${titleOf(entry)} has both ${field} and ${field}-data`);
  if (data === '' && path === '') return undefined;
  if (data === '') return judged(fileIn(entry, field), `${field} ${pathIn(entry, path)}`);
  const from = `${field}-data of ${titleOf(entry)}`;
  if (/^(?:REDACTED|DATA\+OMITTED)$/.test(data)) {
    throw new Error(`${from} is what \`kubectl config view\` shows in place of it; with --raw it shows all`);
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data.replaceAll(/\s/g, ''))) throw new Error(`${from} is no base64`);
  const decoded = Buffer.from(data, 'base64');
  if (decoded[0] === DER_SEQUENCE) throw new Error(`${from} is DER, and has to be PEM`);
  return judged(decoded.toString('utf8'), from);
}

const DER_SEQUENCE = 0x30;

function judged(text: string, from: string): Pem {
  if (!text.includes('-----BEGIN ')) throw new Error(`${from} holds no PEM`);
  return { text, from };
}

function described(value: unknown): string {
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  return Array.isArray(value) ? 'a list' : 'a map';
}
