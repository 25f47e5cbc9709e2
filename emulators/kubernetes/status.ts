/** One reason among several, as `details.causes` of a Status lists them. */
export interface Cause {
  reason?: string;
  message: string;
  field?: string;
}

interface Details {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

interface StatusExtras {
  reason?: string;
  details?: Details;
  metadata?: { continue: string };
}

/** A refusal that reaches the client as a Status object with this HTTP code. */
export class StatusError extends Error {
  readonly code: number;
  readonly body: string;

  constructor(code: number, message: string, extras: StatusExtras = {}) {
    super(message);
    this.code = code;
    this.body = JSON.stringify(statusObject(code, message, extras));
  }
}

/** What names a resource in messages: the plural alone for the core group, `plural.group` elsewhere. */
export interface Named {
  group: string;
  plural: string;
  kind: string;
}

function statusObject(code: number, message: string, extras: StatusExtras): object {
  const { reason, details, metadata = {} } = extras;
  const base = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message };
  return { ...base, ...(reason === undefined ? {} : { reason }), ...(details === undefined ? {} : { details }), code };
}

/** `plural` or `plural.group`, as messages write it. */
export function qualified(resource: Named): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function details(resource: Named, name: string, kind: string, causes?: Cause[]): Details {
  const group = resource.group === '' ? {} : { group: resource.group };
  return { ...(name === '' ? {} : { name }), ...group, kind, ...(causes === undefined ? {} : { causes }) };
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, message, { reason: 'BadRequest' });
}

export function notFound(resource: Named, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" not found`;
  return new StatusError(404, message, { reason: 'NotFound', details: details(resource, name, resource.plural) });
}

export function noSuchResource(): StatusError {
  return new StatusError(404, 'the server could not find the requested resource', { reason: 'NotFound', details: {} });
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError(405, message, { reason: 'MethodNotAllowed', details: {} });
}

export function alreadyExists(resource: Named, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new StatusError(409, message, { reason: 'AlreadyExists', details: details(resource, name, resource.plural) });
}

export function conflict(resource: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new StatusError(409, message, { reason: 'Conflict', details: details(resource, name, resource.plural) });
}

export function modifiedMeanwhile(resource: Named, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, name, why);
}

/** An admission plugin's refusal. */
export function forbidden(resource: Named, name: string, why: string, causes?: Cause[]): StatusError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`;
  const info = details(resource, name, resource.plural, causes);
  return new StatusError(403, `${subject} is forbidden: ${why}`, { reason: 'Forbidden', details: info });
}

/** One failed validation: which field, of which sort, and what the message says after the field's path. */
export interface FieldProblem {
  reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueNotSupported';
  field: string;
  message: string;
}

/**
 * The 422 of a failed validation. The server's summary names each different problem once while the
 * causes repeat it as often as it was found, and so does this.
 */
export function invalid(resource: Named, name: string, problems: FieldProblem[]): StatusError {
  const texts = [...new Set(problems.map((problem) => `${problem.field}: ${problem.message}`))];
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const causes = problems.map(({ reason, message, field }) => ({ reason, message, field }));
  const info = details(resource, name, resource.kind, causes);
  return new StatusError(422, `${kind} "${name}" is invalid: ${list}`, { reason: 'Invalid', details: info });
}

/** The answer to a DELETE that removed the object at once. */
export function deleted(resource: Named, name: string, uid: string | undefined): object {
  const info = { ...details(resource, name, resource.plural), ...(uid === undefined ? {} : { uid }) };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: info };
}
