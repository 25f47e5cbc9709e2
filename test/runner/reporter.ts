import { writeSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';
import { shownError, WIRE, wireLine, type Told } from './wire.ts';

/** A reporter of `node:test` that tells the runner of each test's outcome and prints nothing. */
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') names.splice(data.nesting, Number.POSITIVE_INFINITY, data.name);
    const told = type === 'test:pass' ? passed(data, names) : type === 'test:fail' ? failed(data, names) : undefined;
    if (told !== undefined) writeSync(WIRE, wireLine(told));
  }
  yield '';
}

type Data<Type extends TestEvent['type']> = Extract<TestEvent, { type: Type }>['data'];

function passed(data: Data<'test:pass'>, names: readonly string[]): Told | undefined {
  if (data.details.type === 'suite') return undefined;
  const test = pathOf(data, names);
  const why = data.skip ?? data.todo;
  return why === undefined ? { kind: 'pass', test } : { kind: 'skip', test, why: String(why) };
}

/** A suite fails with its tests, which are told themselves. */
function failed(data: Data<'test:fail'>, names: readonly string[]): Told | undefined {
  const { error } = data.details;
  if ('failureType' in error && error.failureType === 'subtestsFailed') return undefined;
  return { kind: 'fail', test: pathOf(data, names), error: shownError(error.cause ?? error) };
}

function pathOf({ nesting, name }: { nesting: number; name: string }, names: readonly string[]): string {
  return [...names.slice(0, nesting), name].join(' > ');
}
