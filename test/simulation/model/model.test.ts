/** The model of the API server is held to what a real one answered, as far as it claims to act like one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiRequest } from '../../../src/adapters/kubernetes/requests.ts';
import { differences, Placeholders } from '../../conformance/compare.ts';
import type { RecordedRequest } from '../../conformance/transcripts.ts';
import { dice } from '../dice.ts';
import { fairWeather, network } from '../network.ts';
import { virtualTime } from '../virtual-time.ts';
import { answerOf } from './api.ts';
import { doneByOthers, looked, restoredSteps, stepsOf } from './recorded.ts';
import { Store } from './store.ts';

/** The steps, from 1, whose answers the model claims to give; the others before them are done by somebody else. */
const claimed: Record<string, readonly number[]> = {
  'namespace-list-pages': [6, 7, 8],
  'namespace-list-continue-expired': [6, 9, 10],
  'namespace-watch': [2, 3],
  'namespace-watch-initial-events': [3],
  'namespace-watch-too-old': [2],
  'namespace-watch-times-out': [2, 3],
  'secret-apply': [2, 3, 4, 6, 7],
  'secret-apply-conflict': [2, 3, 4, 5],
  'secret-apply-over-created': [3, 4, 5],
  'secret-type-is-immutable': [3, 4],
  'secret-immutable': [3, 4],
  'secret-namespace-missing': [1],
  'secret-namespace-terminating': [2, 6],
  'secret-quota': [3],
  'secret-admission-denies': [4],
  'secret-metadata-list': [3, 4, 5, 8],
  lease: [2, 3, 4, 5],
  event: [2, 3],
};

/** What is there on any server. */
const circumstances: Record<string, (store: Store) => void> = {
  event: (store) => store.createNamespace('default', false, 0),
  // A page that is full has a next one where any object follows; there were others on that server.
  'namespace-watch-times-out': (store) => store.createNamespace('zz-of-others', true, 0),
};

/** By and by others write, too. */
function compacted(store: Store): void {
  store.createNamespace('of-others', false, 0);
  store.compact();
}

const writes = { onApply: () => {}, onDelete: () => {}, onEvent: () => {} };

describe('the model of the API server answers as kube-apiserver v1.36.2 did', () => {
  for (const [name, numbers] of Object.entries(claimed)) {
    it(name, async () => {
      const steps = stepsOf(name);
      const replay = new Replay();
      circumstances[name]?.(replay.store);
      for (const [index, step] of steps.entries()) {
        if ('event' in step) compacted(replay.store);
        else if (!numbers.includes(index + 1)) doneByOthers(replay.store, step.request);
        else assert.deepEqual(await replay.differences(step), [], `step ${index + 1}`);
      }
    });
  }

  it('is silent where a watch goes on from what a restored backup does not know, and tells the truth where it is listed anew', async () => {
    const replay = new Replay();
    const { store } = replay;
    for (const name of ['rs-gone', 'rs-old']) store.createNamespace(name, true, 0);
    store.putLease('l', 'rs-old', {});
    const restore = store.backup();
    for (let index = 1; index <= 402; index += 1) store.createNamespace(`lost-${index}`, index <= 2, 0);
    store.removeNamespace('rs-gone');
    const lost = store.putLease('l', 'rs-old', {});
    replay.saved.set('seen', String(store.revision));
    restore();
    const made = () => store.createNamespace(`rs-new-${store.namespaces.size - 1}`, true, 0);
    const answers = new Map(restoredSteps().map((step) => [step.why, step] as const));
    const expect = async (why: string, during: () => void = () => {}) => {
      const step = answers.get(why);
      assert.ok(step !== undefined, why);
      const found = await replay.differences(step, during);
      // Its placeholders stand for many versions each.
      const isVersion = (each: string) => /(uid|resourceVersion): "[^"]+" instead of "<[^"]+>"$/.test(each);
      assert.deepEqual(
        found.filter((each) => !isVersion(each)),
        [],
        why,
      );
    };
    await expect('the list is the old one; what came later is gone, what was deleted is back');
    made();
    await expect('a watch resumed from the version last seen: 200, and a namespace made meanwhile does not come', made);
    await expect('with sendInitialEvents and no version: the whole truth', made);
    const { status } = replay.answer({
      method: 'PUT',
      path: '/apis/coordination.k8s.io/v1/namespaces/rs-old/leases/l',
      body: JSON.stringify(lost),
    });
    assert.equal(status, 409);
  });
});

type Answered = { status: number; body?: unknown; events?: unknown[] };
type Step = { request: RecordedRequest; response: Answered };

/** One recorded case, asked of the model. */
class Replay {
  readonly store = new Store();
  readonly saved = new Map<string, string>();
  readonly #placeholders = new Placeholders();
  readonly #time = virtualTime();

  /** Where the model's answer is not the recorded one, in what the program looks at. */
  async differences({ request, response }: Step, during: () => void = () => {}): Promise<string[]> {
    const { method = 'GET', body } = request;
    const path = request.path.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => this.saved.get(name) ?? '');
    const asked: ApiRequest = { method: method as ApiRequest['method'], path };
    const { accept } = request.headers ?? {};
    if (accept !== undefined) asked.accept = accept;
    if (body !== undefined) asked.body = JSON.stringify(body).replace('${rv}', this.saved.get('rv') ?? '');
    if (response.events !== undefined) {
      const watched = await this.#watch(asked, response.events.length, () => {
        for (const each of request.during ?? []) doneByOthers(this.store, each);
        during();
      });
      return differences(looked(asked, response), looked(asked, watched), this.#placeholders);
    }
    const answered = this.answer(asked);
    const { metadata = {} } = answered.body as { metadata?: { continue?: string; resourceVersion?: string } };
    for (const saves of request.saves ?? []) {
      const saved = saves === 'token' ? metadata.continue : metadata.resourceVersion;
      this.saved.set(saves, saved ?? '');
    }
    return differences(looked(asked, response), looked(asked, answered), this.#placeholders);
  }

  answer(asked: ApiRequest): Answered {
    return answerOf(this.store, asked, writes);
  }

  async #watch(asked: ApiRequest, most: number, during: () => void): Promise<Answered> {
    const { store } = this;
    const time = this.#time;
    const life = { isAlive: () => true, frozenUntilMs: () => 0, wallOffsetMs: () => 0 };
    const net = network({
      time,
      store,
      life,
      writes,
      dice: dice(1),
      weather: () => fairWeather,
      isCutOff: () => false,
      canStream: true,
      bookmarkMs: 60_000,
      openWatches: new Set(),
      requestTimeoutMs: 15_000,
      onRequest: () => {},
    });
    const held: { opened?: Awaited<ReturnType<typeof net.open>> } = {};
    void net.open(asked, new AbortController().signal).then((opened) => (held.opened = opened));
    while (held.opened === undefined && (await time.step()));
    const { opened } = held;
    if (opened?.kind !== 'stream') return { status: opened?.kind === 'answer' ? opened.status : 0, events: [] };
    const events: unknown[] = [];
    const data = (line: Buffer) => void events.push(JSON.parse(line.toString('utf8')));
    opened.answer.tell({ data, over: () => undefined });
    await settle();
    // What there is comes before what happens meanwhile.
    const isTold = () => JSON.stringify(events).includes('initial-events-end');
    while (asked.path.includes('sendInitialEvents') && !isTold()) await time.step();
    during();
    for (let step = 0; events.length < most && step < 500; step += 1) await time.step();
    opened.answer.destroy();
    return { status: 200, events: events.slice(0, Math.max(most, 1)) };
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
