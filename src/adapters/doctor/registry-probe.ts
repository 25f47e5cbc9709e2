import type { ApiReply } from '../../core/api/reply.ts';
import { proxyFor, type ProxyEnv } from '../http/proxy.ts';
import type { RegistryProbe, RegistryRequest } from '../../ports.ts';
import { readCaBundle, type CaBundleEnv } from '../http/ca-bundle.ts';
import { answerReader } from '../kubernetes/answer.ts';
import { broken, valueOf } from '../kubernetes/broken.ts';
import { exchange } from '../http/exchange.ts';
import { Connections } from '../http/connections.ts';
import { targetOf } from '../http/dial.ts';

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
  const tls = certificates.value === undefined ? {} : { ca: [...certificates.value] };
  const url = new URL(`https://${host}`);
  const proxy = proxyFor(url, env);
  if (!proxy.ok) return broken('CredentialsFailed', proxy.failure.why);
  const way = { target: targetOf(url), proxy: proxy.value, tls, timeoutMs };
  const connections = new Connections(way, { most: 1, idleTimeoutMs: timeoutMs });
  const login = Buffer.from(`AWS:${password}`).toString('base64');
  const headers = { authorization: `Basic ${login}`, accept: MANIFESTS, 'user-agent': userAgent };
  const wanted = { method, path, headers, body: undefined };
  try {
    const outcome = await exchange(
      { connections, wanted, timeoutMs },
      signal,
      answerReader(() => nowMs()),
    );
    return valueOf(outcome, timeoutMs);
  } finally {
    connections.close();
  }
}
