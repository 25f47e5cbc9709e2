import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import type { Manifest } from '../deploy/schema.ts';

/** Custom resources, which no server has by itself. */
const custom = new Set(['ServiceMonitor', 'PrometheusRule']);

/**
 * Applies the first objects and then the second to a cluster of their own, as a deployment tool does. Those of hooks are left
 * out: Helm makes them anew.
 * @returns what the API server refused of the second, by object.
 */
export async function applyConflicts(before: readonly Manifest[], after: readonly Manifest[]): Promise<string[]> {
  const kubernetes = await startKubernetes();
  try {
    for (const namespace of ['ecr-cred-helper', 'platform']) kubernetes.createNamespace(namespace);
    const applied = before.filter((object) => !custom.has(object.kind) && !isHook(object));
    for (const object of applied) kubernetes.apply(object);
    return after
      .filter((object) => !custom.has(object.kind) && !isHook(object))
      .flatMap((object) => {
        try {
          kubernetes.apply(object);
          return [];
        } catch (error) {
          return [`${object.kind} ${object.metadata.name}: ${error instanceof Error ? error.message : String(error)}`];
        }
      });
  } finally {
    await kubernetes.close();
  }
}

function isHook({ metadata }: Manifest): boolean {
  return 'annotations' in metadata && 'helm.sh/hook' in Object(metadata.annotations);
}
