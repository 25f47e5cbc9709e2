import { inWords, isRecord, text, type ApiReply } from '../api/reply.ts';
import { parseRegistryHost, type Registry } from '../secret/registry-host.ts';
import { allowRemedy, iamStatement } from './iam.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { shortened } from '../text/shortened.ts';

/** What a registry said to `GET /v2/` with the token as login. */
export type LoginFact = { host: string; reply: ApiReply; proxy?: string };

/** Whether each registry takes the token, on the way that is configured. */
export function findLogins(facts: readonly LoginFact[]): Finding[] {
  return facts.map(({ host, reply, proxy }) => {
    const looked = `GET https://${host}/v2/${proxy === undefined ? '' : ` through ${proxy}`}`;
    if (reply.kind === 'broken') return brokenLogin(looked, host, reply);
    if (reply.status === 200) return finding('RegistryTakesToken', { looked, found: 'it takes the token' });
    const found = answerInWords(reply.status, reply.body);
    if (reply.status === 429 || reply.status >= 500) return finding('RegistryUnwell', { looked, found, host });
    return finding('RegistryRefusesToken', { looked, found, host });
  });
}

function brokenLogin(looked: string, host: string, reply: Extract<ApiReply, { kind: 'broken' }>): Finding {
  const facts = { looked, found: reply.message, host };
  if (reply.cause === 'TlsUntrusted') return finding('RegistryTlsUntrusted', facts);
  if (reply.cause === 'TimedOut') return finding('RegistryTimedOut', facts);
  if (reply.cause === 'Interrupted') return finding('RegistryUnwell', facts);
  if (reply.cause === 'Unreachable') return finding('RegistryUnreachable', facts);
  return couldNotLook('registry/login', looked, reply.message, 'Run it again.');
}

/** An image as `--image` names it, taken apart. */
export type ImageName = { registry: Registry; repository: string; reference: string };

/** Takes apart `<host>/<repository>[:tag][@digest]`; undefined where it names no image of an ECR registry. */
export function parseImage(image: string): ImageName | undefined {
  const match =
    /^(?<host>[^/]+)\/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      image.trim().replace(/^https?:\/\//, ''),
    )?.groups;
  const registry = parseRegistryHost(match?.['host'] ?? '');
  if (match === undefined || registry === undefined) return undefined;
  const repository = match['repository'] ?? '';
  return { registry, repository, reference: match['digest'] ?? match['tag'] ?? 'latest' };
}

/** What became of `--image`; `reply` is absent where its registry was not asked. */
export type ImageFact = {
  image: string;
  name: ImageName | undefined;
  hosts: readonly string[];
  reply?: ApiReply;
  /** Of who pulls, as AWS names it. */
  arn?: string | undefined;
};

const pullActions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'] as const;

/** Whether the token pulls the image that was asked about. */
export function findImage({ image, name, hosts, reply, arn: principal }: ImageFact): Finding[] {
  const shown = JSON.stringify(image);
  if (name === undefined) {
    const found = `${shown} names no image of an ECR registry`;
    return [finding('ImageReferenceInvalid', { looked: '--image', found })];
  }
  const { registry, repository, reference } = name;
  const { host, account, region } = registry;
  if (hosts.length > 0 && !hosts.includes(host)) {
    const found = `the pull secret holds no login for ${host}, but for ${hosts.join(', ')}`;
    return [finding('ImageElsewhere', { looked: '--image', found, host, hosts: hosts.join(', ') })];
  }
  if (reply === undefined) return [];
  const looked = `the manifest of ${host}/${repository} (${reference})`;
  if (reply.kind === 'broken') {
    return [couldNotLook('registry/image', looked, reply.message, 'Mend the way to the registry first, see above.')];
  }
  if (reply.status === 200) return [finding('ImagePullable', { looked, found: 'the token may pull it' })];
  const found = answerInWords(reply.status, reply.body);
  const facts = { looked, found, account, region, repository };
  if (reply.status === 404) {
    return [finding(/NAME_UNKNOWN|repository with name/.test(found) ? 'RepositoryMissing' : 'ImageMissing', facts)];
  }
  if (reply.status === 401 || reply.status === 403) {
    const arn = `arn:${registry.partition}:ecr:${region}:${account}:repository/${repository}`;
    const isOther = principal !== undefined && principal.split(':')[4] !== account;
    const policy = `ecr-cred-helper-pull-${repository.replaceAll('/', '-')}`.slice(0, 128);
    const allow = isOther
      ? `Both have to allow it, the identity's policies and the repository's own: aws ecr get-repository-policy --registry-id ${account} --region ${region} --repository-name ${repository}`
      : allowRemedy(principal, policy, iamStatement(pullActions, arn));
    return [finding('ImagePullDenied', { ...facts, allow })];
  }
  return [couldNotLook('registry/image', looked, found, 'Ask again in a while.')];
}

/** `HTTP 403: DENIED: Your authorization token has expired.`; an answer that is no registry's is quoted in part. */
export function answerInWords(status: number, body: unknown): string {
  const errors = isRecord(body) && Array.isArray(body['errors']) ? body['errors'].filter(isRecord) : [];
  const [first] = errors;
  const said = first === undefined ? excerpt(body) : `${text(first['code'])}: ${text(first['message'])}`;
  return inWords(status, said);
}

function excerpt(body: unknown): string {
  return typeof body === 'string' ? shortened(body.trim().replaceAll(/\s+/g, ' '), 120) : '';
}
