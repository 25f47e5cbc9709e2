import type { Colour, Line, Piece } from './sink.ts';

type Word = { text: string; colour?: Colour | undefined };

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
  const lines: Word[][] = [];
  let line: Word[] = [{ text: first }];
  let length = indent;
  for (const word of words(pieces)) {
    const isEmpty = line.length === 1;
    if (!isEmpty && length + word.text.trimEnd().length > width) {
      lines.push(line);
      line = [{ text: ' '.repeat(hang) }, word];
      length = hang + word.text.length;
    } else {
      line.push(word);
      length += word.text.length;
    }
  }
  return [...lines, line].map(withoutTrailingSpace);
}

/** Each with the space behind it. */
function words(pieces: readonly Piece[]): Word[] {
  return pieces.flatMap((piece) => {
    const { text, colour } = typeof piece === 'string' ? { text: piece, colour: undefined } : piece;
    return (text.match(/`[^`]*`[^ ]* *|[^ ]+ *| +/g) ?? []).map((word) => ({ text: word, colour }));
  });
}

function withoutTrailingSpace(line: readonly Word[]): Line {
  const last = line.at(-1);
  return last === undefined ? [] : [...line.slice(0, -1), { ...last, text: last.text.trimEnd() }];
}
