import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Sink } from '../../core/text/sink.ts';
import type { Metrics, MetricSource } from '../../ports.ts';
import { metricTable } from './metric-table.ts';

/** Waiting is a matter of milliseconds, a refresh of all namespaces one of minutes. */
const WAIT_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];
const APPLY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** Every metric of `metricTable`, in a registry of its own. */
export function createMetrics(version: string, sink: Sink): Metrics {
  const registry = new Registry();
  let source: MetricSource | undefined;
  const of = (name: keyof typeof metricTable) => ({
    name: `ecr_cred_helper_${name}`,
    help: metricTable[name].help,
    labelNames: [...metricTable[name].labels],
    registers: [registry],
  });
  const read = (name: keyof typeof metricTable, set: (gauge: Gauge, from: MetricSource) => void) =>
    new Gauge({
      ...of(name),
      collect() {
        this.reset();
        if (source !== undefined) set(this, source);
      },
    });

  // What a label's value comes to is bounded, too.
  const label = (text: string) => sink.text(text, 253);

  new Gauge(of('build_info')).set({ version }, 1);
  read('leader', (gauge, { status }) => gauge.set(status().isLeading ? 1 : 0));
  read('synced', (gauge, { status }) => gauge.set(status().isSynced ? 1 : 0));
  read('token_expiry_timestamp_seconds', (gauge, { status }) => {
    for (const { host, expiresAtMs } of status().tokens) gauge.set({ registry: label(host) }, expiresAtMs / 1000);
  });
  read('secrets', (gauge, { status }) => {
    for (const [state, count] of Object.entries(status().secrets)) gauge.set({ state }, count);
  });
  read('queue_depth', (gauge, { status }) => gauge.set(status().depth));
  read('queue_delayed', (gauge, { status }) => gauge.set(status().delayed));
  read('process_resident_memory_bytes', (gauge, { usage }) => gauge.set(usage().residentBytes));
  const cpu: Counter = new Counter({
    ...of('process_cpu_seconds_total'),
    collect() {
      cpu.reset();
      cpu.inc(source?.usage().cpuSeconds ?? 0);
    },
  });

  const applies = new Counter(of('applies_total'));
  const applySeconds = new Histogram({ ...of('apply_duration_seconds'), buckets: APPLY_BUCKETS });
  const waitSeconds = new Histogram({ ...of('queue_wait_seconds'), buckets: WAIT_BUCKETS });
  const ecrCalls = new Counter(of('ecr_calls_total'));
  const watchRestarts = new Counter(of('watch_restarts_total'));
  const contentions = new Counter(of('contentions_total'));
  const prunes = new Counter(of('prunes_total'));
  const events = new Counter(of('events_total'));
  // A counter that begins with its first increase hides that one from `increase()`.
  ecrCalls.inc({ result: 'ok' }, 0);
  for (const result of ['accepted', 'refused']) events.inc({ result }, 0);

  return {
    meter: {
      applied([result, reason], tookMs) {
        applies.inc({ result, reason: typeof reason === 'object' ? reason.code : reason });
        applySeconds.observe(tookMs / 1000);
      },
      waited: (waitedMs) => waitSeconds.observe(waitedMs / 1000),
      ecrCalled: (result) => ecrCalls.inc({ result }),
      watchRestarted: (resource, reason) => watchRestarts.inc({ resource, reason: label(reason) }),
      contended: () => contentions.inc(),
      pruned: (result) => prunes.inc({ result: label(result) }),
      eventSent: (accepted) => events.inc({ result: accepted ? 'accepted' : 'refused' }),
    },
    attach: (from) => (source = from),
    text: () => registry.metrics(),
  };
}
