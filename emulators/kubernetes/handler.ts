import { auditEntry, type Audit } from './audit.ts';
import { authenticate, impersonated } from './authn.ts';
import type { Attributes } from './rbac.ts';
import { attributesOf, authorize } from './context.ts';
import type { Context, Server } from './context.ts';
import { discovery } from './discovery.ts';
import type { Answer, Exchange } from './exchange.ts';
import { faultAnswer } from './faults.ts';
import type { FaultEffect, Faults } from './faults.ts';
import { patch, post, put } from './mutate.ts';
import type { Outcome } from './mutate.ts';
import { isProtobuf, protobufToJson } from './protobuf.ts';
import { getOne, list } from './read.ts';
import { deleteMany, deleteOne } from './remove.ts';
import { requestInfo } from './request-info.ts';
import type { RequestInfo, Verb } from './request-info.ts';
import type { Resource } from './resources.ts';
import { reviews, tokenRequest } from './reviews.ts';
import type { Stats } from './stats.ts';
import { methodNotAllowed, noSuchResource, StatusError } from './status.ts';
import { watch } from './watch.ts';

/** What a handler of requests works with. */
export interface Frontend {
  server: Server;
  stats: Stats;
  faults: Faults;
  adminToken: string;
  /** Added to every answer, in milliseconds. */
  latencyMs: number;
  audit: Audit | undefined;
  /** Requests to the emulator itself, which no API server has. */
  control: (exchange: Exchange, info: RequestInfo) => Answer | undefined;
}

const json = { 'content-type': 'application/json' };

function jsonAnswer(status: number, body: string): Answer {
  return { status, headers: json, body };
}

/** Answers one request. */
export function handle(frontend: Frontend, exchange: Exchange): void {
  const info = requestInfo(exchange.method, exchange.url);
  const controlled = frontend.control(exchange, info);
  if (controlled !== undefined) {
    exchange.send(controlled);
    return;
  }
  frontend.stats.countRequest(statsKey(info));
  const fault = frontend.faults.take(info);
  const answer =
    fault !== undefined && 'status' in fault ? faultAnswer(fault) : answerOf(frontend, exchange, info, fault);
  if (answer === undefined) return;
  frontend.stats.countStatus(answer.status);
  frontend.audit?.(auditEntry(exchange, info, answer.status));
  const delayMs = frontend.latencyMs + (fault !== undefined && 'delayMs' in fault ? fault.delayMs : 0);
  if (delayMs > 0) setTimeout(() => send(exchange, answer, fault), delayMs);
  else send(exchange, answer, fault);
}

function statsKey(info: RequestInfo): string {
  const verb = info.verb.toUpperCase();
  if (!info.isResource) return `${verb} ${info.path}`;
  return info.subresource === '' ? `${verb} ${info.plural}` : `${verb} ${info.plural}/${info.subresource}`;
}

function send(exchange: Exchange, answer: Answer, fault: FaultEffect | undefined): void {
  if (fault === undefined) exchange.send(answer);
  else if ('hang' in fault) exchange.sendCut(answer, fault.afterBytes ?? 0, 'hang');
  else if ('breakAfterBytes' in fault) exchange.sendCut(answer, fault.breakAfterBytes, 'break');
  else if ('truncateAtByte' in fault) exchange.send({ ...answer, body: answer.body.slice(0, fault.truncateAtByte) });
  else exchange.send(answer);
}

/** The right answer; undefined where it is a stream that is already under way. */
function answerOf(
  frontend: Frontend,
  exchange: Exchange,
  info: RequestInfo,
  fault: FaultEffect | undefined,
): Answer | undefined {
  try {
    const { server } = frontend;
    const caller = authenticate(exchange, frontend.adminToken, server.tokens);
    const as = impersonated(exchange);
    if (as !== undefined) authorize(server, caller, toImpersonate(as.name));
    const context: Context = { server, exchange, info, user: as ?? caller, fault };
    authorize(server, context.user, attributesOf(info));
    const readable = withJsonBody(context);
    return info.isResource ? serveResource(readable, frontend) : servePath(info, exchange);
  } catch (error) {
    if (error instanceof StatusError) return jsonAnswer(error.code, error.body);
    // A request that this server cannot cope with is its own fault, and no reason to end it.
    const why = `Internal error occurred: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`;
    return jsonAnswer(500, new StatusError(500, why, { reason: 'InternalError' }).body);
  }
}

/** A service account is one of its namespace; whoever else is a user (k8s.io/apiserver, endpoints/filters/impersonation). */
function toImpersonate(user: string): Attributes {
  const of = { verb: 'impersonate', group: '', subresource: '' };
  const [, , namespace = '', name = ''] = user.startsWith('system:serviceaccount:') ? user.split(':') : [];
  return name === ''
    ? { ...of, plural: 'users', namespace, name: user }
    : { ...of, plural: 'serviceaccounts', namespace, name };
}

/** Bodies of protobuf are read as the JSON that says the same. */
function withJsonBody(context: Context): Context {
  const { exchange } = context;
  if (!isProtobuf(exchange.header('content-type')) || exchange.body === '') return context;
  const object = protobufToJson(exchange.body);
  if (object === undefined) {
    throw new StatusError(415, '415: Unsupported Media Type', { reason: 'UnsupportedMediaType', details: {} });
  }
  const header = (name: string): string | undefined =>
    name === 'content-type' ? 'application/json' : exchange.header(name);
  return { ...context, exchange: { ...exchange, header, body: JSON.stringify(object) } };
}

function servePath(info: RequestInfo, exchange: Exchange): Answer {
  const found = discovery(info, exchange.header('accept') ?? '');
  if (found !== undefined) return found;
  if (info.path.startsWith('/api/') || info.path.startsWith('/apis/')) throw noSuchResource();
  return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '404 page not found\n' };
}

function serveResource(context: Context, frontend: Frontend): Answer | undefined {
  const { info } = context;
  const review = reviews[`${info.group}/${info.plural}`];
  if (review !== undefined && info.version === 'v1') {
    if (info.verb !== 'create') throw methodNotAllowed();
    return jsonAnswer(201, JSON.stringify(review(context)));
  }
  const { resource } = info;
  if (resource === undefined) throw noSuchResource();
  if (info.verb === 'watch') {
    watch(context, resource);
    frontend.stats.countStatus(200);
    return undefined;
  }
  if (info.subresource === 'log' && resource.plural === 'pods') return podLog(context, resource);
  const { status, object } = outcomeOf(context, resource);
  return jsonAnswer(status, JSON.stringify(object));
}

/** The last lines alone where `tailLines` says so; it does not follow. */
function podLog(context: Context, resource: Resource): Answer {
  const { info, server } = context;
  if (info.verb !== 'get') throw methodNotAllowed();
  getOne(context, resource);
  const whole = server.podLogs.get(`${info.namespace}/${info.pathName}`)?.() ?? '';
  const count = Number(info.query.get('tailLines') ?? Infinity);
  const lines = whole.split(/(?<=\n)/);
  const body = lines.slice(Math.max(0, lines.length - count)).join('');
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}

function outcomeOf(context: Context, resource: Resource): Outcome {
  const { info } = context;
  if (info.subresource !== '') return subresourceOutcome(context, resource);
  const named = info.pathName !== '';
  if (resource.namespaced && info.namespace === '' && info.verb !== 'list') throw methodNotAllowed();
  const serve = (named ? onOne : onMany)[info.verb];
  if (serve === undefined) throw methodNotAllowed();
  return serve(context, resource);
}

type Serve = (context: Context, resource: Resource) => Outcome;

const onOne: Partial<Record<Verb, Serve>> = {
  get: (context, resource) => ({ status: 200, object: getOne(context, resource) }),
  update: put,
  patch,
  delete: (context, resource) => ({ status: 200, object: deleteOne(context, resource) }),
};

const onMany: Partial<Record<Verb, Serve>> = {
  list: (context, resource) => ({ status: 200, object: list(context, resource) }),
  create: post,
  deletecollection: (context, resource) => ({ status: 200, object: deleteMany(context, resource) }),
};

function subresourceOutcome(context: Context, resource: Resource): Outcome {
  const { subresource, verb } = context.info;
  if (subresource === 'token' && resource.plural === 'serviceaccounts') {
    if (verb !== 'create') throw methodNotAllowed();
    return { status: 201, object: tokenRequest(context) };
  }
  if (subresource !== 'status' || !resource.status) throw noSuchResource();
  if (verb === 'get') return { status: 200, object: getOne(context, resource) };
  if (verb === 'update') return put(context, resource);
  if (verb === 'patch') return patch(context, resource);
  throw methodNotAllowed();
}
