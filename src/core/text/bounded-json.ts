/** How much of a text of JSON is worth the memory, which is many times its length. */
export type JsonBounds = { depth: number; values: number };

/** What a text holds; `tooMuch`: more than its bounds, and of what. */
export type Parsed = { kind: 'json'; value: unknown } | { kind: 'none' } | { kind: 'tooMuch'; why: string };

/** Parses JSON whose depth and number of values are counted first, where there are bounds. */
export function parseBounded(text: string, bounds: JsonBounds | undefined): Parsed {
  const why = bounds === undefined ? undefined : tooMuchOf(text, bounds);
  if (why !== undefined) return { kind: 'tooMuch', why };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'none' };
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

function tooMuchOf(text: string, most: JsonBounds): string | undefined {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === comma) values += 1;
    else if (isOpening(code)) {
      depth += 1;
      values += 1;
      if (depth > most.depth) return `it is nested more than ${most.depth} levels deep`;
    } else if (isClosing(code)) depth -= 1;
    if (values > most.values) return `it holds more than ${most.values} values`;
  }
  return undefined;
}

/** Where the string that begins there ends, or the text does. Most of a text is in strings, and a search is faster than a look. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    if (!isEscaped(text, end)) return end;
  }
  return text.length;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
