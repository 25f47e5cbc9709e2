/** Admission policies, judged as a server does: their expressions, evaluated by a package for CEL. */
import { Environment } from '@marcbachmann/cel-js';

type Named = { name: string; expression: string };

export type ValidatingPolicy = {
  spec: {
    failurePolicy: string;
    matchConditions: Named[];
    variables: Named[];
    validations: { expression: string; message: string }[];
  };
};

export type MutatingPolicy = {
  spec: {
    matchConstraints: { namespaceSelector: { matchLabels: Record<string, string> } };
    matchConditions: Named[];
    mutations: { patchType: string; jsonPatch: { expression: string } }[];
  };
};

export type Write = {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  name: string;
  user: string;
  /** Of the namespace. */
  labels: Record<string, string>;
  /** Absent in a DELETE. */
  object?: object | undefined;
  /** Absent in a CREATE. */
  oldObject?: object | undefined;
};

/** What the policy says against the write: the messages of what does not hold. Empty: it is let through. */
export function objections({ spec }: ValidatingPolicy, write: Write): string[] {
  const context: Record<string, unknown> = {
    request: { operation: write.operation, name: write.name, userInfo: { username: write.user } },
    object: write.object ?? null,
    oldObject: write.oldObject ?? null,
    namespaceObject: { metadata: { labels: write.labels } },
  };
  if (!spec.matchConditions.every(({ expression }) => evaluate(expression, context) === true)) return [];
  // A server evaluates a variable where it is used; what uses one that fails, fails.
  const variables: Record<string, unknown> = {};
  for (const { name, expression } of spec.variables) {
    const value = attempt(() => evaluate(expression, { ...context, variables }));
    if (value.ok) variables[name] = value.value;
  }
  return spec.validations.flatMap(({ expression, message }) => {
    const held = attempt(() => evaluate(expression, { ...context, variables }));
    if (!held.ok) return spec.failurePolicy === 'Fail' ? [`${message}: ${held.why}`] : [];
    return held.value === true ? [] : [message];
  });
}

/** What a JSON Patch does, in the words of RFC 6902. */
export type Operation = { op: string; path: string; value: unknown };

/** What the policy changes of a pod in a namespace with these labels. */
export function changes({ spec }: MutatingPolicy, labels: Record<string, string>, object: object): Operation[] {
  const selected = Object.entries(spec.matchConstraints.namespaceSelector.matchLabels);
  if (!selected.every(([name, value]) => labels[name] === value)) return [];
  if (!spec.matchConditions.every(({ expression }) => evaluate(expression, { object }) === true)) return [];
  return spec.mutations.flatMap(({ jsonPatch }) => evaluate(asMaps(jsonPatch.expression), { object }) as Operation[]);
}

/** The package has no literals of a message: `JSONPatch{op: …}` becomes a map. */
function asMaps(expression: string): string {
  return expression.replaceAll(/JSONPatch\{op: (.+?), path: (.+?), value: /g, "{'op': $1, 'path': $2, 'value': ");
}

const environment = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('request', 'map')
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('namespaceObject', 'dyn')
  .registerVariable('variables', 'dyn');

function evaluate(expression: string, context: Record<string, unknown>): unknown {
  return environment.evaluate(expression, context);
}

type Attempt = { ok: true; value: unknown } | { ok: false; why: string };

function attempt(work: () => unknown): Attempt {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
