/** Nobody nests a docker config deeper. */
const mostDepth = 32;
/** Nor puts more into one: a hundred times the logins of a large one. */
const mostValues = 10_000;

/** What a text of others holds; `tooMuch`: it is no text that is worth the memory, and why. */
export type Parsed = { kind: 'json'; value: unknown } | { kind: 'none' } | { kind: 'tooMuch'; why: string };

/** Parses JSON whose depth and number of values are counted first: each costs many times its length in the text. */
export function parseBounded(text: string): Parsed {
  const why = tooMuchOf(text);
  if (why !== undefined) return { kind: 'tooMuch', why };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'none' };
  }
}

function tooMuchOf(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      values += 1;
    } else if (character === ']' || character === '}') depth -= 1;
    else if (character === ',') values += 1;
    if (depth > mostDepth) return `it is nested more than ${mostDepth} levels deep`;
    if (values > mostValues) return `it holds more than ${mostValues.toLocaleString('en')} values`;
  }
  return undefined;
}
