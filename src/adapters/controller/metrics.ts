import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ControllerStatus } from '../../core/controller/controller-status.ts';
import type { Sink } from '../../core/text/sink.ts';
import type { Meter, Metrics } from '../../ports.ts';
import { metricTable } from './metric-table.ts';

/** Waiting is a matter of milliseconds, a refresh of all namespaces one of minutes. */
const WAIT_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];
const APPLY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** Every metric of `metricTable` and those of the process, in a registry of their own. */
export function createMetrics(version: string, sink: Sink): Metrics {
  const registry = new Registry();
  collectProcess(registry);
  new Gauge(row('build_info', registry)).set({ version }, 1);
  // What a label's value comes to is bounded, too.
  const label = (text: string) => sink.text(text, 253);
  const show = statusGauges(registry, label);
  let read: (() => ControllerStatus) | undefined;
  return {
    meter: createMeter(registry, label),
    attach: (status) => (read = status),
    text() {
      if (read !== undefined) show(read());
      return registry.metrics();
    },
  };
}

type Label = (text: string) => string;

function row(name: keyof typeof metricTable, registry: Registry) {
  const { help, labels } = metricTable[name];
  return { name: `ecr_cred_helper_${name}`, help, labelNames: [...labels], registers: [registry] };
}

const NEVER_MS = 2 ** 31 - 1;

/**
 * The lag of the event loop is measured at each scrape. Its distribution would need a timer that wakes the process all
 * the time, a hundred times a second by default, which is most of what an idle controller does; each of its values is too
 * large by the time between two wakes, too.
 */
function collectProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const part of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']) {
    registry.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`);
  }
  // Gauges whose names end like those of counters.
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);
}

function statusGauges(registry: Registry, label: Label): (status: ControllerStatus) => void {
  const leader = new Gauge(row('leader', registry));
  const synced = new Gauge(row('synced', registry));
  const expiry = new Gauge(row('token_expiry_timestamp_seconds', registry));
  const secrets = new Gauge(row('secrets', registry));
  const depth = new Gauge(row('queue_depth', registry));
  const delayed = new Gauge(row('queue_delayed', registry));
  return (status) => {
    leader.set(status.isLeading ? 1 : 0);
    synced.set(status.isSynced && !status.isCut ? 1 : 0);
    expiry.reset();
    for (const { host, expiresAtMs } of status.tokens) expiry.set({ registry: label(host) }, expiresAtMs / 1000);
    for (const [state, count] of Object.entries(status.secrets)) secrets.set({ state }, count);
    depth.set(status.depth);
    delayed.set(status.delayed);
  };
}

function createMeter(registry: Registry, label: Label): Meter {
  const applies = new Counter(row('applies_total', registry));
  const applySeconds = new Histogram({ ...row('apply_duration_seconds', registry), buckets: APPLY_BUCKETS });
  const waitSeconds = new Histogram({ ...row('queue_wait_seconds', registry), buckets: WAIT_BUCKETS });
  const ecrCalls = new Counter(row('ecr_calls_total', registry));
  const watchRestarts = new Counter(row('watch_restarts_total', registry));
  const contentions = new Counter(row('contentions_total', registry));
  const prunes = new Counter(row('prunes_total', registry));
  const events = new Counter(row('events_total', registry));
  const lastSuccess = new Gauge(row('last_success_timestamp_seconds', registry));
  const lastHeard = new Gauge(row('watch_last_heard_timestamp_seconds', registry));
  // A counter that begins with its first increase hides that one from `increase()`.
  ecrCalls.inc({ result: 'ok' }, 0);
  for (const result of ['accepted', 'refused']) events.inc({ result }, 0);
  return {
    applied([result, reason], tookMs) {
      applies.inc({ result, reason: typeof reason === 'object' ? reason.code : reason });
      applySeconds.observe(tookMs / 1000);
      if (result !== 'failed' && result !== 'refused') lastSuccess.setToCurrentTime();
    },
    waited: (waitedMs) => waitSeconds.observe(waitedMs / 1000),
    ecrCalled: (result) => ecrCalls.inc({ result }),
    watchHeard: (resource) => lastHeard.setToCurrentTime({ resource }),
    watchRestarted: (resource, reason) => watchRestarts.inc({ resource, reason: label(reason) }),
    contended: () => contentions.inc(),
    pruned: (result) => prunes.inc({ result: label(result) }),
    eventSent: (accepted) => events.inc({ result: accepted ? 'accepted' : 'refused' }),
  };
}
