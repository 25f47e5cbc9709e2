import type { ExitCode } from '../core/failures/errors.ts';

/** What each exit code means, for help and reference. */
export const exitCodes: readonly { code: ExitCode; meaning: string; touched: string }[] = [
  { code: 0, meaning: 'Every namespace has a valid pull secret', touched: '' },
  { code: 1, meaning: 'A bug: please report it with the stack trace', touched: 'unknown' },
  { code: 2, meaning: 'Configuration or usage is wrong', touched: 'nothing' },
  { code: 3, meaning: 'AWS gave no token', touched: 'nothing' },
  { code: 4, meaning: 'The Kubernetes API could not be reached or refused to list', touched: 'nothing' },
  { code: 5, meaning: 'Some namespaces or a region were not served; they are named', touched: 'the others' },
];
