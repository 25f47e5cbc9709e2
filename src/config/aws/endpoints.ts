import { failure, type Failure } from '../../core/failures/errors.ts';
import { warning, type Warning } from '../../core/failures/warnings.ts';
import { isInClear } from '../../core/text/in-clear.ts';
import { valueOf, type Environment } from '../environment.ts';
import { quoted } from '../parsers.ts';
import { placeOf, type AwsFiles, type Profile } from './files.ts';

/** Endpoints that credentials are sent to. */
const toAws = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECR', 'AWS_ENDPOINT_URL_STS'];
/** Endpoints that credentials come from, on this machine. */
const ofMachine = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'];

/** Endpoints that are no URL, which the SDK would not name, and those to which credentials would go for anybody to read. */
export function judgeEndpoints(
  env: Environment,
  files: AwsFiles,
  profile: Profile | undefined,
): { failures: Failure[]; warnings: Warning[] } {
  const ofEnv = [...toAws, ...ofMachine].map((name) => ({
    place: name,
    text: valueOf(env, name),
    isAws: toAws.includes(name),
  }));
  const inFiles = profile === undefined ? [] : endpointsOf(profile, files);
  const set = [...ofEnv, ...inFiles].flatMap(({ text, ...rest }) => (text === undefined ? [] : [{ ...rest, text }]));
  return {
    failures: [...set.flatMap(({ place, text }) => judgeUrl(place, text)), ...judgeServices(files, profile)],
    warnings: set.filter(({ isAws }) => isAws).flatMap(({ place, text }) => judgeClear(place, text)),
  };
}

function endpointsOf(profile: Profile, files: AwsFiles) {
  const { services, endpoint_url: url, ec2_metadata_service_endpoint: metadata } = profile.settings;
  const section = `services ${services}`;
  const inSection = files.sections.get(`services.${services}`) ?? {};
  const ofServices = ['ecr', 'sts'].map((service) => ({
    place: `${service}.endpoint_url of [${section}] in ${files.config}`,
    text: inSection[`${service}.endpoint_url`],
    isAws: true,
  }));
  return [
    { place: placeOf('endpoint_url', profile), text: url, isAws: true },
    { place: placeOf('ec2_metadata_service_endpoint', profile), text: metadata, isAws: false },
    ...ofServices,
  ];
}

function judgeUrl(place: string, text: string): Failure[] {
  const [why, expected] = flawOf(text);
  if (why === undefined) return [];
  return [failure('OptionValueInvalid', { where: place, why, name: place, expected })];
}

function flawOf(text: string): [why: string | undefined, expected: string] {
  const shown = quoted(text.replace(/^([^/]*\/\/)?.*@/s, '$1…@'));
  const expected = 'a URL such as https://vpce-0123.api.ecr.eu-west-1.vpce.amazonaws.com';
  const url = URL.parse(text);
  if (/^https?:\/\/[^/]/i.test(text) && url !== null) {
    return url.username + url.password === '' ? [undefined, ''] : [`${shown} holds a user or a password`, expected];
  }
  if (/^[\w.-]+(?::\d+)?(?:\/|$)/.test(text)) return [`${shown} does not begin with https://`, `https://${text}`];
  return [`${shown} is no URL of http or https`, expected];
}

function judgeClear(place: string, text: string): Warning[] {
  const url = URL.parse(text);
  if (url === null || !isInClear(url)) return [];
  return [warning('SentInClear', { where: place, why: `it begins with http:// and names ${url.host}`, name: place })];
}

/** The SDK passes over endpoints that it does not find. */
function judgeServices({ sections, config }: AwsFiles, profile: Profile | undefined): Failure[] {
  const name = profile?.settings['services'];
  if (profile === undefined || name === undefined || sections.has(`services.${name}`)) return [];
  const why = `there is no section [services ${name}] in ${config}`;
  return [
    failure('AwsProfileInvalid', { where: placeOf('services', profile), why, hint: 'Add it, or take this out.' }),
  ];
}
