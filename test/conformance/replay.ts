import type { Kubernetes } from '../../emulators/kubernetes/index.ts';
import { Client } from './client.ts';
import type { Received } from './client.ts';
import { differences, ofNamespaces, Placeholders } from './compare.ts';
import type { Case, Exchanged, RecordedRequest } from './transcripts.ts';

/** One difference between the recording and this replay. */
export interface Difference {
  /** The step, counted from 1, with its request. */
  step: string;
  what: string;
}

/** What happened to the recorded server, done to this one. */
const happenings: Record<string, (kubernetes: Kubernetes) => void> = {
  'every revision before now is compacted away, and no server remembers it': (kubernetes) => kubernetes.compact(),
};

/** The state of the server that a case's words describe and no request of it brings about. */
const circumstances: Record<string, (kubernetes: Kubernetes) => unknown> = {
  overloaded: (kubernetes) =>
    kubernetes.faults.add({ match: { resource: 'namespaces' }, times: 1, effect: { status: 429 } }),
  // A page that is full has a next one where any object follows, matching or not; there were others on that server.
  'namespace-watch-times-out': (kubernetes) => kubernetes.createNamespace('zz-of-others'),
};

/** Sends every request of a case and compares every answer: status, headers and body. */
export async function replay(story: Case, kubernetes: Kubernetes): Promise<Difference[]> {
  const client = new Client(kubernetes);
  const placeholders = new Placeholders();
  const saved = new Map<string, string>();
  const own = ownNamespaces(story);
  const found: Difference[] = [];
  circumstances[story.name]?.(kubernetes);
  try {
    for (const [index, step] of story.steps.entries()) {
      if ('event' in step) {
        happen(step.event, kubernetes);
        continue;
      }
      const { method = 'GET', path } = step.request;
      const whats = await replayStep(step, { client, placeholders, saved, own });
      found.push(...whats.map((what) => ({ step: `step ${index + 1}, ${method} ${path}`, what })));
    }
  } finally {
    client.close();
  }
  return found;
}

function happen(event: string, kubernetes: Kubernetes): void {
  const happening = happenings[event];
  if (happening === undefined) throw new Error(`no way to replay the event: ${event}`);
  happening(kubernetes);
}

interface Replaying {
  client: Client;
  placeholders: Placeholders;
  saved: Map<string, string>;
  own: ReadonlySet<string>;
}

function ownNamespaces(story: Case): Set<string> {
  const paths = story.steps.flatMap((step) => ('event' in step ? [] : [step.request.path]));
  const named = paths.flatMap((path) => /\/namespaces\/([^/?]+)/.exec(path)?.[1] ?? []);
  return new Set(named);
}

async function replayStep(step: Exchanged, { client, placeholders, saved, own }: Replaying): Promise<string[]> {
  const request = filledIn(step.request, saved);
  const { response } = step;
  if (request.watchEvents !== undefined) {
    const during = async (): Promise<void> => {
      for (const each of request.during ?? []) await client.send(each);
    };
    const watched = await client.watch(request, request.watchEvents, during);
    return [...headDifferences(step, watched), ...differences(response.events, watched.events, placeholders, 'events')];
  }
  const received = await client.send(request);
  const body = bodyOf(received);
  save(request, body, saved);
  const compared = differences(ofNamespaces(response.body, own), ofNamespaces(body, own), placeholders);
  return [...headDifferences(step, received), ...compared];
}

function filledIn(request: RecordedRequest, saved: ReadonlyMap<string, string>): RecordedRequest {
  const text = JSON.stringify(request).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => saved.get(name) ?? '');
  return JSON.parse(text) as RecordedRequest; // the same request with its variables filled in
}

function bodyOf({ text, headers }: Received): unknown {
  return headers['content-type'] === 'application/json' ? JSON.parse(text) : text;
}

function save({ saves = [] }: RecordedRequest, body: unknown, saved: Map<string, string>): void {
  const { metadata = {} } = body as { metadata?: { continue?: string; resourceVersion?: string } }; // a list or a Status
  if (saves.includes('token')) saved.set('token', encodeURIComponent(metadata.continue ?? ''));
  if (saves.includes('rv')) saved.set('rv', metadata.resourceVersion ?? '');
}

function headDifferences({ response }: Exchanged, { status, headers, text }: Received): string[] {
  const found: string[] = [];
  if (status !== response.status) found.push(`status ${status} instead of ${response.status}: ${text.slice(0, 300)}`);
  for (const [name, value] of Object.entries(response.headers)) {
    if (headers[name] !== value) found.push(`header ${name}: ${headers[name] ?? 'nothing'} instead of ${value}`);
  }
  return found;
}
