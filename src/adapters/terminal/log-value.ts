/** What JSON can hold. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

const maxDepth = 6;
const maxItems = 100;

/**
 * Turns any value into plain data of bounded size: errors with their causes, dates, maps, sets and big numbers
 * included. Undefined and functions are undefined, as they are in JSON.
 */
export function plainValue(value: unknown, depth = 0): Plain | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object') return undefined;
  return depth >= maxDepth ? '…' : plainOf(value, (inner) => plainValue(inner, depth + 1));
}

type PlainAt = (value: unknown) => Plain | undefined;

function plainOf(value: object, plainAt: PlainAt): Plain {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return value.href;
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (Array.isArray(value) || value instanceof Set) return plainItems([...value], plainAt);
  if (value instanceof Error) return plainObject(errorEntries(value), plainAt);
  return plainObject(value instanceof Map ? entriesOf(value) : Object.entries(value), plainAt);
}

function plainItems(items: readonly unknown[], plainAt: PlainAt): Plain[] {
  const plain = items.slice(0, maxItems).map((item) => plainAt(item) ?? null);
  return items.length > maxItems ? [...plain, `… ${items.length - maxItems} more`] : plain;
}

function plainObject(entries: readonly (readonly [string, unknown])[], plainAt: PlainAt): { [key: string]: Plain } {
  const plain = entries.slice(0, maxItems).flatMap(([key, value]) => {
    const converted = plainAt(value);
    return converted === undefined ? [] : [[key, converted] as const];
  });
  return Object.fromEntries(plain);
}

function errorEntries(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  return Object.entries({ name, message, stack, cause });
}

function entriesOf(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, value]) => [String(key), value]);
}
