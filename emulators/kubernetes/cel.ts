import { Environment } from '@marcbachmann/cel-js';

const environment = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('request', 'map')
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('namespaceObject', 'dyn')
  .registerVariable('variables', 'dyn');

/**
 * The value of an expression of an admission policy.
 * @throws Error where it has none: it is none of CEL, or reads what is not there
 */
export function evaluate(expression: string, context: Record<string, unknown>): unknown {
  return environment.evaluate(expression, context);
}

type Named = { name: string; expression: string };

/** What of a ValidatingAdmissionPolicy is judged by. */
export type Validating = {
  failurePolicy?: string;
  matchConditions?: readonly Named[];
  variables?: readonly Named[];
  validations: readonly { expression: string; message?: string }[];
};

/** A write as a policy sees it. What there is none of is null. */
export type Seen = { request: object; object: object | null; oldObject: object | null; namespaceObject: object | null };

/** What the policy says against the write, one for each validation that does not hold. Empty: it is let through. */
export function objections(policy: Validating, seen: Seen): string[] {
  const { failurePolicy = 'Fail', matchConditions = [], variables = [], validations } = policy;
  if (!matchConditions.every(({ expression }) => evaluate(expression, seen) === true)) return [];
  // A server evaluates a variable where it is used; what uses one that fails, fails.
  const values: Record<string, unknown> = {};
  for (const { name, expression } of variables) {
    const attempted = attempt(() => evaluate(expression, { ...seen, variables: values }));
    if (attempted.ok) values[name] = attempted.value;
  }
  return validations.flatMap(({ expression, message = `failed expression: ${expression.trim()}` }) => {
    const held = attempt(() => evaluate(expression, { ...seen, variables: values }));
    if (!held.ok) return failurePolicy === 'Fail' ? [`expression '${expression}' resulted in error: ${held.why}`] : [];
    return held.value === true ? [] : [message];
  });
}

/** What of a MutatingAdmissionPolicy is done. */
export type Mutating = {
  matchConditions?: readonly Named[];
  mutations: readonly { jsonPatch?: { expression: string } }[];
};

/** The operations of the JSON Patches by which the policy changes a new object; none where its conditions do not hold. */
export function operations({ matchConditions = [], mutations }: Mutating, object: object): unknown[] {
  if (!matchConditions.every(({ expression }) => evaluate(expression, { object }) === true)) return [];
  return mutations.flatMap(({ jsonPatch }) => {
    return jsonPatch === undefined ? [] : listOf(evaluate(asMaps(jsonPatch.expression), { object }));
  });
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The package has no literals of a message: `JSONPatch{op: …}` becomes a map. */
function asMaps(expression: string): string {
  return expression.replaceAll(/JSONPatch\{op: (.+?), path: (.+?), value: /g, "{'op': $1, 'path': $2, 'value': ");
}

/** Whether the text is an expression at all. */
export function isExpression(expression: string): boolean {
  return attempt(() => environment.parse(expression)).ok;
}

type Attempt = { ok: true; value: unknown } | { ok: false; why: string };

function attempt(work: () => unknown): Attempt {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
