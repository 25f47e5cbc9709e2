import { whyNot } from '../core/api/reply.ts';
import { failure } from '../core/failures/errors.ts';
import type { Driving } from '../serving/drive.ts';
import { pageReader, pages } from '../serving/pages.ts';
import type { Asked } from './deps.ts';

/** What doctor looks at is bounded, and it says so where that cuts something off. */
const maxItems = 20_000;
const maxPages = 1000;

/**
 * Goes through a list, page by page, each item as it comes.
 * @param path without query or with one, to which the page is added.
 * @returns why the list is not whole; undefined where it is.
 */
export async function eachItem(
  { server, read }: Pick<Asked, 'server' | 'read'>,
  { path, form = 'whole' }: { path: string; form?: 'whole' | 'metadata' },
  deps: Driving,
  signal: AbortSignal,
  take: (item: Record<string, unknown>) => void,
): Promise<string | undefined> {
  let why: string | undefined;
  let looked = 0;
  let asked = 0;
  const readPage = pageReader(
    {
      server,
      ask({ limit, continueToken }) {
        const more = continueToken === undefined ? '' : `&continue=${encodeURIComponent(continueToken)}`;
        return read(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`, form, signal);
      },
      itemOf: (item) => item,
      failure: (reply) => failure('ApiListFailed', { where: server, why: whyNot(reply) }),
    },
    deps,
    signal,
  );
  for await (const { items, continueToken } of pages(readPage, (failure) => (why = failure.why))) {
    asked += 1;
    looked += items.length;
    for (const item of items) take(item);
    const isEnough = looked >= maxItems || asked >= maxPages;
    if (isEnough && continueToken !== undefined) return `only the first ${looked} were looked at`;
  }
  return why;
}
