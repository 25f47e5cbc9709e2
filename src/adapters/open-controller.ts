import { randomUUID } from 'node:crypto';
import { podNamespace } from './kubernetes/in-cluster.ts';
import { controllerCluster } from './kubernetes/controller-cluster.ts';
import type { Sink } from '../core/text/sink.ts';
import type { Transport } from './kubernetes/requests.ts';
import { createMetrics } from './controller/metrics.ts';
import { serveProbes } from './controller/probes.ts';

export type ControllerOptions = {
  transport: Transport;
  sink: Sink;
  version: string;
  hostname: string;
  serviceAccountDirectory: string;
};

/** What the controller needs beyond a pass; in one place, so that only the controller loads it. */
export function openController({ transport, sink, version, hostname, serviceAccountDirectory }: ControllerOptions) {
  return {
    cluster: controllerCluster(transport),
    metrics: createMetrics(version, sink),
    listen: serveProbes,
    // As client-go makes it: the pod, for people, and what no other process has.
    identity: `${hostname}_${randomUUID()}`,
    podNamespace: podNamespace(serviceAccountDirectory),
  };
}
