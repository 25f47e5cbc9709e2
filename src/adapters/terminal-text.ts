/** What a stream of the process offers that output is shaped by. */
export type TextStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type ColourEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether to write colours: `NO_COLOR` forbids them, `FORCE_COLOR` asks for them anywhere, else only terminals have them. */
export function wantsColour(stream: TextStream, env: ColourEnvironment): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

const colours = { red: 31, yellow: 33, green: 32, cyan: 36, grey: 90 } as const;

export type Colour = keyof typeof colours;

/** The text in a colour, where colours are wanted. */
export function paint(text: string, colour: Colour, wanted: boolean): string {
  return wanted ? `\u001B[${colours[colour]}m${text}\u001B[39m` : text;
}

/**
 * The text with everything escaped that would move a terminal's cursor, change its state, start a line, or reorder what
 * is read: control characters, line and paragraph separators, and bidirectional overrides.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    const short = shortEscapes[character];
    return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
