type Json = { [field: string]: unknown };

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const uidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const revisionPattern = /^\d+$/;
const jwtPattern = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

/** Which real value each `<uid:N>` and `<rv:N>` of one case stands for: one for one, both ways. */
export class Placeholders {
  readonly #values = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** What is wrong with this value in this place; undefined where nothing is. */
  check(placeholder: string, value: unknown): string | undefined {
    if (typeof value !== 'string') return `${JSON.stringify(value)} instead of ${placeholder}`;
    const uid = placeholder.startsWith('<uid:');
    if (!(uid ? uidPattern : revisionPattern).test(value)) return `"${value}" is no ${uid ? 'uid' : 'resourceVersion'}`;
    const key = `${uid ? 'uid' : 'rv'} ${value}`;
    const known = this.#values.get(placeholder);
    if (known !== undefined && known !== value) return `"${value}" where ${placeholder} was "${known}" before`;
    const name = this.#names.get(key);
    if (name !== undefined && name !== placeholder)
      return `"${value}" is ${name} already, here it stands for ${placeholder}`;
    this.#values.set(placeholder, value);
    this.#names.set(key, placeholder);
    return undefined;
  }
}

/** Every difference between what was recorded and what came, each with the path to it. */
export function differences(expected: unknown, actual: unknown, placeholders: Placeholders, path = ''): string[] {
  if (typeof expected === 'string') return textDifference(expected, actual, placeholders, path);
  if (Array.isArray(expected)) return listDifferences(expected, actual, placeholders, path);
  if (isObject(expected)) return objectDifferences(expected, actual, placeholders, path);
  return expected === actual ? [] : [unequal(path, expected, actual)];
}

function unequal(path: string, expected: unknown, actual: unknown): string {
  const shown = actual === undefined ? 'nothing' : JSON.stringify(actual);
  return `${path || 'body'}: ${shown} instead of ${JSON.stringify(expected)}`;
}

function textDifference(expected: string, actual: unknown, placeholders: Placeholders, path: string): string[] {
  if (/^<(uid|rv):\d+>$/.test(expected)) {
    const why = placeholders.check(expected, actual);
    return why === undefined ? [] : [`${path}: ${why}`];
  }
  return typeof actual === 'string' && fits(expected, actual) ? [] : [unequal(path, expected, actual)];
}

function fits(expected: string, actual: string): boolean {
  if (expected === '<time>') return timePattern.test(actual);
  if (expected === '<continue>') return actual !== '';
  // A token is another each time; what it claims is not.
  if (jwtPattern.test(expected)) return jwtPattern.test(actual) && claimNames(expected) === claimNames(actual);
  if (expected.includes('<n>')) return actual.replaceAll(/\b\d+\b/g, '<n>') === expected;
  return expected === actual;
}

function claimNames(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return isObject(claims) ? Object.keys(claims).sort().join() : '';
}

function listDifferences(expected: unknown[], actual: unknown, placeholders: Placeholders, path: string): string[] {
  if (!Array.isArray(actual)) return [unequal(path, expected, actual)];
  const length = Math.max(expected.length, actual.length);
  const indices = Array.from({ length }, (_, index) => index);
  return indices.flatMap((index) => {
    const at = `${path}[${index}]`;
    if (index >= expected.length) return [`${at}: ${JSON.stringify(actual[index])} is too many`];
    return differences(expected[index], actual[index], placeholders, at);
  });
}

function objectDifferences(expected: Json, actual: unknown, placeholders: Placeholders, path: string): string[] {
  if (!isObject(actual)) return [unequal(path, expected, actual)];
  const fields = Object.keys(expected);
  const extra = Object.keys(actual).filter((field) => !Object.hasOwn(expected, field));
  return [
    ...fields.flatMap((field) => differences(expected[field], actual[field], placeholders, `${path}.${field}`)),
    ...extra.map((field) => `${path}.${field}: ${JSON.stringify(actual[field])} is too many`),
  ];
}

/** A list without the items of other cases' namespaces: each case stands alone, and so must its comparison. */
export function ofNamespaces(body: unknown, own: ReadonlySet<string>): unknown {
  if (!isObject(body) || !Array.isArray(body['items'])) return body;
  const items = body['items'].filter((item) => {
    const metadata = isObject(item) && isObject(item['metadata']) ? item['metadata'] : {};
    const { namespace } = metadata;
    return typeof namespace !== 'string' || own.has(namespace);
  });
  return { ...body, items };
}
