import { isRecord, text, whyNot } from '../core/api/reply.ts';
import type { Inspector } from '../ports.ts';
import { isTooLarge, smallerPage } from '../core/api/retry.ts';
import { answered, type Retrying } from '../serving/attempts.ts';

/** Objects a request, and requests a list: what doctor looks at is bounded, and it says so where that cuts something off. */
const pageSize = 500;
const maxItems = 20_000;
const maxPages = 1000;

/**
 * Goes through a list, page by page, each item as it comes.
 * @param path without query or with one, to which the page is added.
 * @returns why the list is not whole; undefined where it is.
 */
export async function eachItem(
  inspector: Inspector,
  path: string,
  form: 'whole' | 'metadata',
  reading: Retrying,
  signal: AbortSignal,
  take: (item: Record<string, unknown>) => void,
): Promise<string | undefined> {
  let continueToken = '';
  let limit = pageSize;
  let looked = 0;
  for (let page = 0; page < maxPages && looked < maxItems; page += 1) {
    const paged = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
    const more = continueToken === '' ? '' : `&continue=${encodeURIComponent(continueToken)}`;
    const reply = await answered(() => inspector.read(paged + more, form, signal), reading, signal);
    const smaller = isTooLarge(reply) ? smallerPage(limit) : undefined;
    if (smaller !== undefined) {
      limit = smaller;
      continue;
    }
    if (reply.kind === 'broken' || reply.status !== 200) return whyNot(reply);
    if (!isRecord(reply.body) || !Array.isArray(reply.body['items'])) return 'the answer is no list';
    const items = reply.body['items'].filter(isRecord);
    looked += items.length;
    for (const item of items) take(item);
    const metadata = isRecord(reply.body['metadata']) ? reply.body['metadata'] : {};
    continueToken = text(metadata['continue']);
    if (continueToken === '') return undefined;
  }
  return `only the first ${looked} were looked at`;
}
