import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  judgeAnnouncement,
  recoveryEvent,
  rememberedUntilMs,
  warningEvent,
  type Saying,
} from '../../../src/core/controller/announcement.ts';
import { unknownNamespace, type Said } from '../../../src/core/controller/namespace-state.ts';
import { failure, type FailureCode } from '../../../src/core/failures/errors.ts';
import { sinkOf } from '../../support/sink.ts';

const minute = 60_000;
const nowMs = 100 * minute;
const agoMin = (minutes: number) => nowMs - minutes * minute;

type Row = { said?: Said; problem?: FailureCode; failures?: number; says: Saying };

const rows: Record<string, Row> = {
  'nothing is wrong and nothing was said: nothing': { says: ['nothing'] },
  'something is wrong: a Warning': { problem: 'QuotaExceeded', says: ['warn'] },
  'it was said: nothing more': {
    said: { code: 'QuotaExceeded', atMs: agoMin(60) },
    problem: 'QuotaExceeded',
    says: ['nothing'],
  },
  'something else is wrong than what was said: said': {
    said: { code: 'QuotaExceeded', atMs: agoMin(11) },
    problem: 'SecretTypeDiffers',
    says: ['warn'],
  },
  'the same within ten minutes: said when they are over': {
    said: { code: 'QuotaExceeded', atMs: agoMin(4) },
    problem: 'SecretTypeDiffers',
    says: ['later', agoMin(4) + 10 * minute],
  },
  'a standing refusal soon after a recovery: said when ten minutes are over': {
    said: { code: 'Recovered', atMs: agoMin(1) },
    problem: 'SecretTypeDiffers',
    says: ['later', agoMin(1) + 10 * minute],
  },
  'it is right again after a Warning: a Normal, at once': {
    said: { code: 'QuotaExceeded', atMs: agoMin(1) },
    says: ['recovered'],
  },
  'that it is right was said: nothing more': { said: { code: 'Recovered', atMs: agoMin(1) }, says: ['nothing'] },
  'the API server could not take it a moment ago: no news yet': {
    problem: 'NamespaceUnserved',
    failures: 2,
    says: ['nothing'],
  },
  'nor for the third time: a Warning': { problem: 'NamespaceUnserved', failures: 3, says: ['warn'] },
  'nobody knows whether a Warning was heard: said again, ten minutes later': {
    said: { code: 'QuotaExceeded', atMs: agoMin(11), isLost: true },
    problem: 'QuotaExceeded',
    says: ['warn'],
  },
  'the same before that: said then': {
    said: { code: 'QuotaExceeded', atMs: agoMin(3), isLost: true },
    problem: 'QuotaExceeded',
    says: ['later', agoMin(3) + 10 * minute],
  },
  'nobody knows whether a Normal was heard: said again': {
    said: { code: 'Recovered', atMs: agoMin(11), isLost: true },
    says: ['recovered'],
  },
  'another namespace of the same name was told: this one is, too': {
    said: { code: 'QuotaExceeded', atMs: agoMin(11), isOfAnother: true },
    problem: 'QuotaExceeded',
    says: ['warn'],
  },
  'the same within ten minutes: when they are over': {
    said: { code: 'QuotaExceeded', atMs: agoMin(2), isOfAnother: true },
    problem: 'QuotaExceeded',
    says: ['later', agoMin(2) + 10 * minute],
  },
  'another one was told, and this one is well: nothing': {
    said: { code: 'QuotaExceeded', atMs: agoMin(2), isOfAnother: true },
    says: ['nothing'],
  },
};

describe('what is said on a namespace', () => {
  for (const [title, { said, problem, failures = 1, says }] of Object.entries(rows)) {
    it(title, () => assert.deepEqual(judgeAnnouncement(said, problem, failures, nowMs), says));
  }

  it('has the same name each time that it is sent, and another on each namespace, of each replica, at each time', () => {
    const nameOf = (namespace: string, reporter: string, wallMs: number) =>
      (
        JSON.parse(recoveryEvent({ namespace, reporter, wallMs }, 'ecr-creds', sinkOf())) as {
          metadata: { name: string };
        }
      ).metadata.name;
    const first = nameOf('team', 'one', 5);
    assert.equal(nameOf('team', 'one', 5), first);
    const all = new Set([first, nameOf('other', 'one', 5), nameOf('team', 'two', 5), nameOf('team', 'one', 6)]);
    assert.equal(all.size, 4);
    assert.match(first, /^[a-z0-9.-]{1,253}$/);
  });
});

describe('the note of an Event', () => {
  const where = { namespace: 'team', reporter: 'one', wallMs: 5 };
  const noteOf = (why: string, ...known: string[]) => {
    const facts = { where: 'team/ecr-creds', why, namespace: 'team', secret: 'ecr-creds' };
    const body = warningEvent(where, failure('QuotaExceeded', facts), sinkOf(...known));
    return (JSON.parse(body) as { note: string }).note;
  };
  it('is no longer than the API server takes, in bytes, and ends with a whole character', () => {
    const note = noteOf('é'.repeat(2000));
    assert.ok(Buffer.byteLength(note) <= 1024);
    assert.match(note, /é…$/);
    assert.doesNotMatch(noteOf('short'), /…/);
  });
  it('holds no secret, and nothing that starts a line', () => {
    assert.match(noteOf('it says hunter2-hunter2\nand more', 'hunter2-hunter2'), /it says \[redacted\]\\nand more/);
  });
});

describe('a namespace of which nothing is left', () => {
  const until = (said?: Said, touched?: { times: number; lastMs: number }) =>
    rememberedUntilMs({ ...unknownNamespace(), said, touched });
  it('is forgotten at once where nothing was said of it, and nothing counted', () => assert.equal(until(), undefined));
  it('is remembered for as long as nothing more is to be said of it', () => {
    assert.equal(until({ code: 'QuotaExceeded', atMs: 5 }), 5 + 10 * minute);
  });
  it('is remembered for as long as counts what others did', () => {
    assert.equal(until(undefined, { times: 3, lastMs: 7 }), 7 + 10 * minute);
    assert.equal(until({ code: 'QuotaExceeded', atMs: 5 }, { times: 3, lastMs: 7 }), 7 + 10 * minute);
    assert.equal(until({ code: 'QuotaExceeded', atMs: 9 }, { times: 3, lastMs: 7 }), 9 + 10 * minute);
  });
});
