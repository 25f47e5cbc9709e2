import { durationInWords } from '../text/words.ts';
import { warning, type Warning } from '../failures/warnings.ts';
import type { AuthorizationToken } from './token.ts';

/** Passes are this far apart at most where somebody follows the documentation: half of what a token lives. */
const betweenPassesMs = 6 * 60 * 60_000;

/** For how long a token was issued, in milliseconds. */
export function lifeMs({ issuedAtMs, expiresAtMs }: AuthorizationToken): number {
  return expiresAtMs - issuedAtMs;
}

/** Tokens that end before the next pass: the session of an identity may cut them short. A pass does not know its schedule. */
export function judgeLives(tokens: readonly AuthorizationToken[]): Warning[] {
  return tokens
    .filter((token) => lifeMs(token) < betweenPassesMs)
    .map((token) => {
      const life = durationInWords(lifeMs(token));
      return warning('TokenShortLived', { where: token.hosts.join(', '), why: `it ends after ${life}`, life });
    });
}
