import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { RecordedRequest } from './transcripts.ts';

export interface Received {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Where requests go, and the administrator's token. */
export interface Target {
  url: string;
  caPem: string;
  adminToken: string;
}

/** A secret whose data is over 1 MiB. */
function tooLarge(): string {
  const data = {
    '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { x: 'y'.repeat(1024 * 1024) } })).toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'ecr-creds' },
    data,
  });
}

function bodyOf({ body, raw, bodyIs }: RecordedRequest): string | undefined {
  if (bodyIs !== undefined) return tooLarge();
  if (raw !== undefined) return raw;
  return body === undefined ? undefined : JSON.stringify(body);
}

/**
 * Sends recorded requests the way they were sent when they were recorded: by `node:https`, one after the other on one
 * connection. That matters once: Node gives the body of a DELETE no length, so that a server takes it for the
 * beginning of the next request. `secret-classic-writes` shows what comes of it.
 */
export class Client {
  readonly #target: Target;
  readonly #agent: Agent;
  readonly #watchAgent: Agent;

  constructor(target: Target) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ca: target.caPem });
    this.#watchAgent = new Agent({ ca: target.caPem });
  }

  close(): void {
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  #headers(recorded: RecordedRequest): Record<string, string | string[]> {
    const token = recorded.token ?? this.#target.adminToken;
    const as =
      recorded.as === undefined
        ? {}
        : { 'impersonate-user': recorded.as.user, 'impersonate-group': recorded.as.groups };
    const content = bodyOf(recorded) === undefined ? {} : { 'content-type': 'application/json' };
    return { authorization: `Bearer ${token}`, ...content, ...as, ...recorded.headers };
  }

  #open(recorded: RecordedRequest, agent: Agent): Promise<IncomingMessage> {
    const { method = 'GET', path } = recorded;
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#target.url}${path}`, { method, agent, headers: this.#headers(recorded) }, resolve);
      sent.once('error', reject);
      sent.end(bodyOf(recorded));
    });
  }

  async send(recorded: RecordedRequest): Promise<Received> {
    const response = await this.#open(recorded, this.#agent);
    response.setEncoding('utf8');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { ...headOf(response), text };
  }

  /** Opens a watch, calls `during` once it is open, and reads until so many lines have come or the stream ends. */
  async watch(
    recorded: RecordedRequest,
    lines: number,
    during: () => Promise<void>,
  ): Promise<Received & { events: unknown[] }> {
    const response = await this.#open(recorded, this.#watchAgent);
    response.setEncoding('utf8');
    const meanwhile = during();
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      if (text.split('\n').length > lines) break;
    }
    await meanwhile;
    const events = text.split('\n').filter((line) => line !== '');
    return { ...headOf(response), text, events: events.slice(0, lines).map((line): unknown => JSON.parse(line)) };
  }
}

function headOf(response: IncomingMessage): { status: number; headers: Record<string, string> } {
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers) as Record<string, string> }; // pairs of texts
}
