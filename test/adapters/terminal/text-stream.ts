import type { TextStream } from '../../../src/adapters/terminal/text.ts';

/** A stream that keeps what is written to it. */
export function textStream(shape: { isTTY?: boolean; columns?: number } = {}): TextStream & { text(): string } {
  const written: string[] = [];
  return { ...shape, write: (text) => written.push(text), text: () => written.join('') };
}
