import type { ApiReply } from '../../core/api/reply.ts';
import { proxyFor, type ProxyEnv } from '../http/proxy.ts';
import type { RegistryProbe, RegistryRequest } from '../../ports.ts';
import { readCaBundle, type CaBundleEnv } from '../http/ca-bundle.ts';
import { answerReader } from '../kubernetes/answer.ts';
import { broken } from '../kubernetes/broken.ts';
import { exchange } from '../kubernetes/exchange.ts';
import { agentFor } from '../http/proxied-agent.ts';

export type RegistryProbeOptions = {
  env: ProxyEnv & CaBundleEnv;
  /** For one request. */
  requestTimeoutMs: number;
  userAgent: string;
  nowMs: () => number;
};

/** Every form of a manifest that clients take; a registry that has another one says so with 404. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Asks registries through the proxy and with the certificates that are configured for AWS. */
export function createRegistryProbe(options: RegistryProbeOptions): RegistryProbe {
  return {
    proxyOf: (host) => {
      const proxy = proxyFor(new URL(`https://${host}`), options.env);
      return proxy.ok ? proxy.value?.host : undefined;
    },
    ask: (request, signal) => ask(options, request, signal),
  };
}

async function ask(options: RegistryProbeOptions, request: RegistryRequest, signal: AbortSignal): Promise<ApiReply> {
  const { env, requestTimeoutMs: timeoutMs, userAgent, nowMs } = options;
  const { host, method, path, password } = request;
  const certificates = readCaBundle(env);
  if (!certificates.ok) return broken('CredentialsFailed', certificates.failure.why);
  const tls = certificates.value === undefined ? {} : { ca: certificates.value };
  const agent = agentFor(new URL(`https://${host}`), env, tls, { maxSockets: 1, idleTimeoutMs: timeoutMs });
  if (!agent.ok) return broken('CredentialsFailed', agent.failure.why);
  const login = Buffer.from(`AWS:${password}`).toString('base64');
  const headers = { authorization: `Basic ${login}`, accept: MANIFESTS, 'user-agent': userAgent };
  const outgoing = { secure: true, options: { host, port: 443, agent: agent.value, method, path, headers } };
  try {
    const outcome = await exchange(
      { ...outgoing, body: undefined, timeoutMs },
      signal,
      answerReader(() => nowMs()),
    );
    if (outcome.kind === 'done') return outcome.value;
    return outcome.kind === 'stale' ? broken('Interrupted', 'the registry closed the connection') : outcome;
  } finally {
    agent.value.destroy();
  }
}
