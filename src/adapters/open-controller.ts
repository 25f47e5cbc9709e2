import { randomUUID } from 'node:crypto';
import { createMetrics } from './controller/metrics.ts';
import { serveProbes } from './controller/probes.ts';
import { controllerCluster } from './kubernetes/controller-cluster.ts';
import { podNamespace } from './kubernetes/in-cluster.ts';
import type { ClusterSettings, Surroundings } from './surroundings.ts';

/** What a pass needs, and what only the controller does: watches, the Lease, metrics and probes; nothing is sent yet. */
export async function openController(settings: ClusterSettings, around: Surroundings) {
  // A file that a pass has loaded and baked already, not a second copy of it.
  const { openRefresh } = await import('./open-refresh.ts');
  const opened = await openRefresh(settings, around);
  if (!opened.ok) return opened;
  const value = {
    ...opened.value,
    cluster: controllerCluster(opened.value.transport),
    metrics: createMetrics(around.version, around.sink),
    listen: serveProbes,
    // As client-go makes it: the pod, for people, and what no other process has.
    identity: `${around.hostname}_${randomUUID()}`,
    podNamespace: podNamespace(around.serviceAccountDirectory),
  };
  return { ok: true as const, value };
}
