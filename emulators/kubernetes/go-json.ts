/** What Go's `encoding/json` says of text that is not JSON, for the mistakes that people make; undefined where it is JSON. */
export function goJsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return scan(text);
  }
}

const literals = ['null', 'true', 'false'];

function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  const code = char.codePointAt(0) ?? 0;
  if (char === '"') return `'"'`;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return `'\\u${code.toString(16).padStart(4, '0')}'`;
  return `'${char}'`;
}

/** The first character that cannot begin a value. */
export function notAValue(char: string): string {
  return `invalid character ${quoted(char)} looking for beginning of value`;
}

function scan(text: string): string {
  const start = text.trimStart();
  const first = start[0];
  if (first === undefined) return 'unexpected end of JSON input';
  const literal = literals.find((word) => word.startsWith(first));
  if (literal !== undefined) return scanLiteral(start, literal);
  if (first === '{') return scanObject(start.slice(1).trimStart());
  if (!/[[{"\d-]/.test(first)) return notAValue(first);
  return 'unexpected end of JSON input';
}

function scanLiteral(text: string, literal: string): string {
  for (let at = 1; at < literal.length; at += 1) {
    const found = text[at];
    if (found === undefined) return 'unexpected end of JSON input';
    if (found !== literal[at])
      return `invalid character ${quoted(found)} in literal ${literal} (expecting ${quoted(literal[at] ?? '')})`;
  }
  return `invalid character ${quoted(text.slice(literal.length).trimStart()[0] ?? '')} after top-level value`;
}

function scanObject(inner: string): string {
  const first = inner[0];
  if (first === undefined) return 'unexpected end of JSON input';
  if (first !== '"' && first !== '}')
    return `invalid character ${quoted(first)} looking for beginning of object key string`;
  return 'unexpected end of JSON input';
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What Go says of text that is not base64; undefined where it is. */
export function goBase64Error(text: string): string | undefined {
  if (base64.test(text)) return undefined;
  const valid = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const at = valid === text.length ? text.length - (text.length % 4) : valid;
  return `illegal base64 data at input byte ${at}`;
}
