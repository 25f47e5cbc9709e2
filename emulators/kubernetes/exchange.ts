import type { User } from './rbac.ts';

export type Headers = Record<string, string>;

/** A whole response. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
  /** Bytes that are no text stand in `body` one a character. */
  encoding?: 'latin1';
}

/** A response that goes on: a watch. */
export interface Stream {
  write: (text: string) => void;
  end: () => void;
  /** Breaks the connection without an end. */
  destroy: () => void;
}

/** One request and the means to answer it, over HTTP/1.1 or HTTP/2 alike. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** The whole body as text. */
  readonly body: string;
  header: (name: string) => string | undefined;
  headerValues: (name: string) => string[];
  /** In lower case. */
  headerNames: () => string[];
  /** Whom the client certificate names; undefined where there is none. */
  clientCertificate: () => User | 'untrusted' | undefined;
  send: (answer: Answer) => void;
  /** Sends no more than so many bytes of the response, head included, and then breaks the connection or lets it hang. */
  sendCut: (answer: Answer, bytes: number, end: 'break' | 'hang') => void;
  stream: (status: number, headers: Headers) => Stream;
  /** Calls back once, when the client is gone or the response is complete. */
  onClose: (listener: () => void) => void;
}
