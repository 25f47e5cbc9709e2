import type { Mutated } from '../mutant.ts';

export const api: readonly Mutated[] = [
  {
    file: 'core/api/retry.ts',
    seenBy: ['core/api/retry'],
    decisions: [
      {
        breaks: 'An overloaded server is asked again',
        stands: 'return reply.status === 429 || (',
        becomes: 'return (',
      },
      {
        breaks: 'A server that cannot do it at all is not asked again',
        stands: ' && reply.status !== 501',
        becomes: '',
      },
      {
        breaks: 'A connection that broke is tried again',
        stands: " || reply.cause === 'Interrupted'",
        becomes: '',
      },
      {
        breaks: 'A request that timed out is tried again',
        stands: "reply.cause === 'TimedOut' || ",
        becomes: '',
      },
      {
        breaks: 'A request that timed out is a sign of overload',
        stands: "reply.status === 503 : reply.cause === 'TimedOut'",
        becomes: 'reply.status === 503 : false',
      },
      {
        breaks: 'Retry-After is obeyed',
        stands: 'Math.min(longestAskedMs, retryAfterMs ?? 0)',
        becomes: '0',
      },
      {
        breaks: 'Retry-After silences nobody for longer than a minute',
        stands: 'Math.min(longestAskedMs, retryAfterMs ?? 0)',
        becomes: '(retryAfterMs ?? 0)',
      },
      {
        breaks: 'The time between attempts grows',
        stands: 'firstDelayMs * 2 ** (attempt - 1)',
        becomes: 'firstDelayMs',
      },
      {
        breaks: 'Many who wait do not ask at the same moment',
        stands: 'Math.floor(ceilingMs * chance)',
        becomes: 'ceilingMs',
      },
      {
        breaks: 'A list too large is asked for in smaller pages, down to one object',
        stands: 'limit <= 1 ? undefined',
        becomes: 'limit <= 4 ? undefined',
      },
    ],
  },
  {
    file: 'core/api/attempts.ts',
    seenBy: ['core/api/attempts'],
    decisions: [
      {
        breaks: 'A request is not made without end',
        stands: 'isTransient(happened[1]) && attempts < maxAttempts',
        becomes: 'isTransient(happened[1])',
      },
      {
        breaks: 'What failed for good is not asked again',
        stands: "happened[0] === 'answered' && isTransient(happened[1]) &&",
        becomes: "happened[0] === 'answered' &&",
      },
      {
        breaks: 'Each request has attempts of its own',
        stands: "happened[0] === 'go' ? { ...trying, job: step[2] } : untried(step[2])",
        becomes: '{ ...trying, job: step[2] }',
      },
      {
        breaks: 'An attempt waits as long as the server asks for',
        stands: 'retryDelayMs(attempts, retryAfterMs(happened[1]), chance)',
        becomes: 'retryDelayMs(attempts, undefined, chance)',
      },
    ],
  },
  {
    file: 'core/api/machine.ts',
    seenBy: ['core/secret/serving'],
    decisions: [
      {
        breaks: 'What throws for one thing ends that alone',
        stands: "      return ['end', endOf(job, bug), job];",
        becomes: '      throw bug;',
      },
    ],
  },
  {
    file: 'core/api/revision.ts',
    seenBy: ['core/api/revision'],
    decisions: [
      {
        breaks: 'Revisions compare as numbers, not as texts',
        stands: 'one.length === other.length ? one < other : one.length < other.length',
        becomes: 'one < other',
      },
      {
        breaks: 'What is no number is never called old',
        stands: String.raw`if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;`,
        becomes: '',
      },
      {
        breaks: 'A revision is not older than itself',
        stands: '? one < other :',
        becomes: '? one <= other :',
      },
    ],
  },
  {
    file: 'core/api/pages.ts',
    seenBy: ['serving/pages', 'core/api/pages'],
    decisions: [
      {
        breaks: 'A page token that grew too old is replaced by the one that the server offers',
        stands: "if (continueToken !== undefined) return ['resume', continueToken];",
        becomes: '',
      },
      {
        breaks: 'A list that must be of one moment does not go on from a later one',
        stands: 'reply.status === 410 && list.ofOneMoment !== true',
        becomes: 'reply.status === 410',
      },
      {
        breaks: 'A page that is too large is asked for in smaller ones',
        stands: "if (isTooLarge(reply)) return ['smaller', reply];",
        becomes: '',
      },
      {
        breaks: 'A page that names itself as the next one ends the list',
        stands: 'detail.continueToken !== undefined && detail.continueToken === query.continueToken',
        becomes: 'false',
      },
      {
        breaks: 'Empty pages without end are given up',
        stands: 'emptyInARow > mostEmpty',
        becomes: 'emptyInARow > 1e9',
      },
      {
        breaks: 'Pages without end are given up',
        stands: 'return pages > mostPages ?',
        becomes: 'return pages > 1e9 ?',
      },
      {
        breaks: 'A page token that grows old time after time is given up',
        stands: "step === 'resume' && resumes + 1 < maxAttempts",
        becomes: "step === 'resume'",
      },
      {
        breaks: 'What is no list is a failure, not an empty list',
        stands: 'if (!Array.isArray(items)) return undefined;',
        becomes: 'if (!Array.isArray(items)) return { items: [], resourceVersion: "" };',
      },
      {
        breaks: 'A null in a list harms nobody',
        stands: 'items.filter(isRecord).flatMap(',
        becomes: 'items.flatMap(',
      },
      {
        breaks: 'A namespace that is being deleted is known for one',
        stands: "terminating: metadata['deletionTimestamp'] !== undefined",
        becomes: 'terminating: false',
      },
      {
        breaks: 'An untrusted certificate is told from a server that is away',
        stands: "return failure('ApiTlsUntrusted', facts);",
        becomes: "return failure('ApiUnreachable', facts);",
      },
      {
        breaks: 'A list that is forbidden is told from one that failed',
        stands: "if (status === 403) return failure('ApiListForbidden'",
        becomes: "if (status === 999) return failure('ApiListForbidden'",
      },
      {
        breaks: 'A list of secrets that is forbidden names that permission',
        stands: "if (reply.status === 403) return failure('SecretListForbidden'",
        becomes: "if (reply.status === 999) return failure('SecretListForbidden'",
      },
    ],
  },
  {
    file: 'core/api/reply.ts',
    seenBy: ['core/api/reply'],
    decisions: [
      {
        breaks: 'A write is done only where an object came back',
        stands: "reply.status < 300 && text(fieldOf(reply.body, 'kind')) !== ''",
        becomes: 'reply.status < 300',
      },
      {
        breaks: 'What was written has a revision',
        stands: 'return isWritten ? text(',
        becomes: "return isWritten ? '0' + text(",
      },
      {
        breaks: 'What a server says is bounded',
        stands: 'whole.length <= MOST_SAID ?',
        becomes: 'whole.length <= Infinity ?',
      },
      {
        breaks: 'What a proxy says in place of the server is bounded',
        stands: 'shortened(body.trim(), 200)',
        becomes: 'body.trim()',
      },
      {
        breaks: 'The causes of a refusal are bounded',
        stands: '.slice(0, MOST_CAUSES)',
        becomes: '',
      },
      {
        breaks: 'Half a character goes into no URL',
        stands: 'value.toWellFormed()',
        becomes: 'value',
      },
    ],
  },
];
