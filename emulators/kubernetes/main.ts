import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startKubernetes } from './index.ts';

const help = `Starts a server that answers as kube-apiserver v1.36.2 does, until SIGTERM or SIGINT.

  node emulators/kubernetes/main.ts [options]

  --port N               port of 127.0.0.1 to listen on (0: any free one)
  --kubeconfig-out FILE  writes the administrator's kubeconfig there
  --namespaces N         makes N labelled namespaces
  --prefix TEXT          how their names begin (ns-)
  --label KEY=VALUE      their label (credentialType=ecr)
  --latency-ms N         added to every answer (0)
  --help                 this text

Prints one line of JSON when it is ready: {"url", "adminToken", "kubeconfig"}.
With that token: GET /emulator/stats, POST /emulator/stats/reset, POST and DELETE /emulator/faults,
POST /emulator/compact.
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'kubeconfig-out': { type: 'string' },
    namespaces: { type: 'string', default: '0' },
    prefix: { type: 'string', default: 'ns-' },
    label: { type: 'string', default: 'credentialType=ecr' },
    'latency-ms': { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await serve();

async function serve(): Promise<void> {
  const [key = '', value = ''] = values.label.split('=');
  const kubernetes = await startKubernetes({ port: Number(values.port), latencyMs: Number(values['latency-ms']) });
  kubernetes.createNamespaces(Number(values.namespaces), values.prefix, { [key]: value });
  const kubeconfig = values['kubeconfig-out'];
  if (kubeconfig !== undefined) writeFileSync(kubeconfig, kubernetes.kubeconfig(), { mode: 0o600 });
  const ready = {
    url: kubernetes.url,
    adminToken: kubernetes.adminToken,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void kubernetes.close());
}
