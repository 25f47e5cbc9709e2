import type { Colour, Line, Piece } from './sink.ts';

type Coloured = { text: string; colour?: Colour | undefined };

/** What no space divides, of however many colours. */
type Word = Coloured[];

/**
 * Breaks between words where the screen ends; what is longer than a screen stays in one piece.
 * @param indent columns before the first line.
 * @param width columns of the screen; absent: it is not broken at all.
 * @param hang columns before each further line.
 */
export function wrapped(
  pieces: readonly Piece[],
  indent: number,
  { width }: { width?: number },
  hang = indent + 2,
): Line[] {
  const first = ' '.repeat(indent);
  if (width === undefined) return [[first, ...pieces]];
  const lines: Coloured[][] = [];
  let line: Coloured[] = [{ text: first }];
  let length = indent;
  for (const word of words(pieces)) {
    const text = word.map((part) => part.text).join('');
    const isEmpty = line.length === 1;
    if (!isEmpty && length + text.trimEnd().length > width) {
      lines.push(line);
      line = [{ text: ' '.repeat(hang) }, ...word];
      length = hang + text.length;
    } else {
      line.push(...word);
      length += text.length;
    }
  }
  return [...lines, line].map(withoutTrailingSpace);
}

/** Each with the space behind it. */
function words(pieces: readonly Piece[]): Word[] {
  const parts = pieces.flatMap((piece) => {
    const { text, colour } = typeof piece === 'string' ? { text: piece, colour: undefined } : piece;
    return (text.match(/`[^`]*`[^ ]* *|[^ ]+ *| +/g) ?? []).map((part) => ({ text: part, colour }));
  });
  const all: Word[] = [];
  for (const part of parts) {
    const before = all.at(-1)?.at(-1)?.text ?? ' ';
    if (before.endsWith(' ') || part.text.startsWith(' ')) all.push([part]);
    else all.at(-1)?.push(part);
  }
  return all;
}

function withoutTrailingSpace(line: readonly Coloured[]): Line {
  const last = line.at(-1);
  return last === undefined ? [] : [...line.slice(0, -1), { ...last, text: last.text.trimEnd() }];
}
