import { readFileSync } from 'node:fs';

/** A request as it was recorded: `GET`, as an administrator and without a body where nothing else is said. */
export interface RecordedRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  raw?: string;
  /** Says in words what a body was that is too large to keep. */
  bodyIs?: string;
  as?: { user: string; groups: string[] };
  token?: string;
  /** What later steps use as `${name}`: the `token` of a page, the `rv` of a list. */
  saves?: ('token' | 'rv')[];
  /** The request is a watch, of which so many lines were kept. */
  watchEvents?: number;
  /** Requests made while the watch is open. */
  during?: RecordedRequest[];
}

export interface RecordedResponse {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
  events?: unknown[];
}

export interface Exchanged {
  setup?: boolean;
  request: RecordedRequest;
  response: RecordedResponse;
}

/** Something that happened to the server between two requests. */
export interface Happened {
  event: string;
}

export interface Case {
  name: string;
  why: string;
  steps: (Exchanged | Happened)[];
}

const file = new URL('transcripts.json', import.meta.url);

/** What a real server answered, case by case. */
export const cases: readonly Case[] = (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases; // kept in this repository
