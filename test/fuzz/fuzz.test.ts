import { describe, it } from 'node:test';
import { parsers } from './parsers.ts';

/** The same runs each time, so that a failure is one of what was changed; `npm run fuzz` draws others. */
const parameters = { seed: 1, numRuns: 200 };

describe('what comes from outside', () => {
  for (const { name, check } of parsers) it(name, async () => void (await check(parameters)));
});
