import { parseArgs } from 'node:util';
import { parsers } from './parsers.ts';

const HELP = `Holds the parsers of what comes from outside to models of what is right, with what is drawn at random.

  npm run fuzz -- [options]

  --seconds N   for so long in all; 60 where nothing is said
  --seed N      draws the same again; a failure prints its own
  --only TEXT   the parsers whose name contains this
  --help        this text

What ever failed becomes a fixed case in test/fuzz/parsers.ts.
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else process.exitCode = await main(Number(values.seconds), Number(values.seed), values.only);

async function main(seconds: number, seed: number, only: string): Promise<number> {
  const chosen = parsers.filter(({ name }) => name.includes(only));
  if (!(seconds > 0) || !Number.isInteger(seed) || chosen.length === 0) {
    process.stderr.write('There is no such parser, or a number is none; see npm run fuzz -- --help\n');
    return 2;
  }
  const interruptAfterTimeLimit = (1000 * seconds) / chosen.length;
  let failed = 0;
  let drawn = 0;
  for (const { name, check } of chosen) {
    try {
      const runs = await check({ seed, numRuns: 1e9, interruptAfterTimeLimit, markInterruptAsFailure: false });
      drawn += runs;
      process.stdout.write(`held    ${name} (${runs})\n`);
    } catch (error) {
      failed += 1;
      process.stdout.write(`FAILED  ${name}\n${String(error)}\n`);
    }
  }
  process.stdout.write(`fuzz: ${chosen.length - failed} held, ${failed} did not; ${drawn} drawn; --seed ${seed}\n`);
  return failed === 0 ? 0 : 1;
}
