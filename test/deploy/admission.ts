/** The shipped admission policies, judged as the emulator judges them. */
import { objections as objectionsOf, operations, type Validating } from '../../emulators/kubernetes/cel.ts';

export type ValidatingPolicy = {
  spec: {
    failurePolicy: string;
    matchConditions: { name: string; expression: string }[];
    variables: { name: string; expression: string }[];
    validations: { expression: string; message: string }[];
  };
};

export type MutatingPolicy = {
  spec: {
    matchConstraints: { namespaceSelector: { matchLabels: Record<string, string> } };
    matchConditions: { name: string; expression: string }[];
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

/** What the policy says against the write; empty where it is let through. */
export function objections({ spec }: { spec: Validating }, write: Write): string[] {
  return objectionsOf(spec, {
    request: { operation: write.operation, name: write.name, userInfo: { username: write.user } },
    object: write.object ?? null,
    oldObject: write.oldObject ?? null,
    namespaceObject: { metadata: { labels: write.labels } },
  });
}

/** What a JSON Patch does, in the words of RFC 6902. */
export type Operation = { op: string; path: string; value: unknown };

/** What the policy changes of a pod in a namespace with these labels. */
export function changes({ spec }: MutatingPolicy, labels: Record<string, string>, object: object): Operation[] {
  const selected = Object.entries(spec.matchConstraints.namespaceSelector.matchLabels);
  if (!selected.every(([name, value]) => labels[name] === value)) return [];
  return operations(spec, object) as Operation[]; // whose fields the tests look at
}
