import type { ApiReply } from '../../core/api/reply.ts';
import { parseBounded, type Parsed } from '../../core/text/bounded-json.ts';
import { shortened } from '../../core/text/shortened.ts';
import type { HttpAnswer } from '../http/answering.ts';
import { broken } from './broken.ts';
import { Pieces } from './pieces.ts';
import type { Reader } from '../http/exchange.ts';
import type { Turns } from './turns.ts';

/**
 * A page of 500 namespaces' metadata is about 1 MiB, and a secret, with 1 MiB of data in base64, a half more. A pass holds
 * two pages, and the container has 64 MiB for all: the smoke test of the image serves two that are nearly this large.
 */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** What an error says beyond this, nobody reads. */
const MAX_ERROR_BYTES = 256 * 1024;

/** What is known of an answer before it comes. */
export type Expected = {
  /** A success is JSON, as all of the API server's are; something else stands before it where one is not. */
  isJson?: boolean;
  /** Of a success, only the revision is wanted. */
  isWrite?: boolean;
  /** A success is no larger. */
  mostBytes?: number;
  /** Whose turn it is to read a large one. */
  turns?: Turns;
};

/** What is larger is read when it is its turn. */
const LARGE_BYTES = 64 * 1024;

/**
 * Reads a whole response into an answer: parsed where it says it is JSON, else text.
 * A 2xx that ends early, or is not the JSON it says or has to be, is `Interrupted`: it may be right next time.
 */
export function answerReader(nowMs: () => number, expected: Expected = {}): Reader<ApiReply> {
  return (response, done) => {
    const isError = !isSuccess(response);
    const limit = isError ? MAX_ERROR_BYTES : (expected.mostBytes ?? MAX_ANSWER_BYTES);
    const body = new Pieces();
    let leave: (() => void) | undefined;
    const takeTurn = ({ wait }: Turns): void => {
      response.pause();
      leave = wait(() => response.resume());
    };
    const finish = () => done(answer(response, body.take(), nowMs(), expected));

    response.tell({
      data: (part) => {
        body.add(part);
        if (body.size > LARGE_BYTES && leave === undefined && expected.turns !== undefined) takeTurn(expected.turns);
        if (body.size <= limit) return;
        if (isError) finish();
        else done(broken('TooLarge', `the answer is larger than ${inUnits(limit)}`));
        response.destroy();
      },
      over: (isWhole) => {
        leave?.();
        if (isWhole) finish();
        else done(endedEarly());
      },
    });
  };
}

/** A response that stopped before it was whole. */
export function endedEarly(): ReturnType<typeof broken> {
  return broken('Interrupted', 'the connection ended before the answer was whole');
}

function inUnits(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 1 ? `${mebibytes} MiB` : `${bytes / 1024} KiB`;
}

function answer(response: HttpAnswer, body: string, nowMs: number, expected: Expected): ApiReply {
  const { status, headers } = response;
  const type = headers.get('content-type') ?? 'nothing that says what it is';
  if (expected.isJson === true && isSuccess(response) && !isJson(response)) {
    return broken('Interrupted', `the answer (${status}) is no JSON but ${shortened(type, 100)}`);
  }
  const revision = expected.isWrite === true && isSuccess(response) ? revisionIn(body) : undefined;
  if (revision !== undefined) return { kind: 'answer', status, body: written(revision) };
  const parsed = isJson(response) ? parse(body) : { kind: 'json' as const, value: body };
  if (parsed.kind === 'tooMuch') return broken('TooLarge', `the answer is too large: ${parsed.why}`);
  if (parsed.kind === 'none' && isSuccess(response)) {
    return broken('Interrupted', `the answer (${status}) is not the JSON it says it is`);
  }
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), nowMs);
  const requestId = headers.get('audit-id');
  return {
    kind: 'answer',
    status,
    body: parsed.kind === 'json' ? parsed.value : body,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** The beginning of an object's metadata alone, as every API server writes it; nothing of it is anybody's to choose but names. */
const metadataAlone =
  /^\{"kind":"PartialObjectMetadata","apiVersion":"meta\.k8s\.io\/v1","metadata":\{"name":"[^"\\]*","namespace":"[^"\\]*","uid":"[^"\\]*","resourceVersion":"(\d+)",/;

/** The revision in it; undefined where it has to be parsed. */
function revisionIn(body: string): string | undefined {
  const isWhole = body.endsWith('}}\n') || body.endsWith('}}');
  return isWhole ? metadataAlone.exec(body)?.[1] : undefined;
}

function written(resourceVersion: string) {
  return { kind: 'PartialObjectMetadata', metadata: { resourceVersion } };
}

/** `application/json`, with parameters or not, and `application/json;stream=watch`. */
function isJson({ headers }: HttpAnswer): boolean {
  return /^application\/json\b/i.test(headers.get('content-type') ?? '');
}

/** Of a page of namespaces with all that is written on them; what is smaller is not worth counting. */
const bounds = { depth: 64, values: 300_000 };

function parse(body: string): Parsed {
  return parseBounded(body, body.length > LARGE_BYTES ? bounds : undefined);
}

/** True for 2xx. */
export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** Seconds or an HTTP date, in milliseconds from now; `undefined` for anything else. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
