import type { Finding } from '../core/doctor/finding.ts';
import { findImage, findLogins, parseImage, type ImageName } from '../core/doctor/registry.ts';
import type { AuthorizationToken } from '../core/secret/token.ts';
import type { ApiReply } from '../core/api/reply.ts';
import type { RegistryProbe } from '../ports.ts';

/**
 * Shows each token to its registries, and asks one for an image where one is named.
 * @param arn of who asks, as AWS names it.
 */
export async function checkRegistries(
  tokens: readonly AuthorizationToken[],
  { image, arn }: { image: string | undefined; arn: string | undefined },
  probe: RegistryProbe,
  signal: AbortSignal,
): Promise<Finding[]> {
  const hosts = tokens.flatMap((token) => token.hosts);
  const logins = await Promise.all(
    tokens.flatMap(({ hosts, password }) =>
      hosts.map(async (host) => {
        const reply = await probe.ask({ method: 'GET', host, path: '/v2/', password }, signal);
        const proxy = probe.proxyOf(host);
        return { host, reply, ...(proxy === undefined ? {} : { proxy }) };
      }),
    ),
  );
  if (image === undefined) return findLogins(logins);
  const name = parseImage(image);
  const token = tokens.find(({ hosts }) => name !== undefined && hosts.includes(name.registry.host));
  const reply = name === undefined || token === undefined ? undefined : await askFor(name, token, probe, signal);
  const asked = findImage({ image, name, hosts, arn, ...(reply === undefined ? {} : { reply }) });
  return [...findLogins(logins), ...asked];
}

/** A HEAD counts as no pull; only a GET says in words why it is refused. */
export async function askFor(
  { registry, repository, reference }: ImageName,
  { password }: AuthorizationToken,
  probe: RegistryProbe,
  signal: AbortSignal,
): Promise<ApiReply> {
  const request = { host: registry.host, path: `/v2/${repository}/manifests/${reference}`, password };
  const head = await probe.ask({ method: 'HEAD', ...request }, signal);
  if (head.kind === 'broken' || head.status === 200) return head;
  return probe.ask({ method: 'GET', ...request }, signal);
}
