import type { Context } from './context.ts';
import { afterUpdate } from './managed-fields.ts';
import { isObject, objectAt, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import type { PolicyRule } from './rbac.ts';
import { serviceAccounts } from './resources.ts';
import { badRequest, notFound } from './status.ts';

function bodyOf({ exchange }: Context): JsonObject {
  try {
    const body: unknown = JSON.parse(exchange.body || '{}');
    if (isObject(body)) return body;
  } catch {
    // answered below
  }
  throw badRequest('the body of the request is not a JSON object');
}

/** The kinds that are answered and never stored, by `group/plural`. */
export const reviews: Record<string, (context: Context) => object> = {
  'authorization.k8s.io/selfsubjectaccessreviews': accessReview,
  'authorization.k8s.io/selfsubjectrulesreviews': rulesReview,
  'authentication.k8s.io/selfsubjectreviews': subjectReview,
};

function trackedBy(
  context: Context,
  kind: string,
  apiVersion: string,
  spec: JsonObject,
  subresource?: string,
): object[] {
  const agent = (context.exchange.header('user-agent') ?? '').split('/')[0] ?? '';
  const manager = context.info.query.get('fieldManager') ?? (agent || 'unknown');
  const object: KubeObject = { kind, apiVersion, metadata: { name: '' }, spec };
  const writer = {
    manager,
    operation: 'Update' as const,
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
  };
  return afterUpdate(undefined, object, writer, context.server.store.time()) ?? [];
}

function accessReview(context: Context): object {
  const spec = objectAt(bodyOf(context), 'spec');
  const apiVersion = 'authorization.k8s.io/v1';
  const kind = 'SelfSubjectAccessReview';
  const wanted = objectAt(spec, 'resourceAttributes');
  const path = objectAt(spec, 'nonResourceAttributes');
  const asked = isObject(spec['nonResourceAttributes'])
    ? { ...noResource, verb: textAt(path, 'verb'), path: textAt(path, 'path') }
    : {
        verb: textAt(wanted, 'verb'),
        group: textAt(wanted, 'group'),
        plural: textAt(wanted, 'resource'),
        subresource: textAt(wanted, 'subresource'),
        namespace: textAt(wanted, 'namespace'),
        name: textAt(wanted, 'name'),
      };
  const decision = context.server.authorizer.decide(context.user, asked);
  const reason = decision.reason === undefined || decision.reason === '' ? {} : { reason: decision.reason };
  const metadata = { managedFields: trackedBy(context, kind, apiVersion, spec) };
  return { kind, apiVersion, metadata, spec, status: { allowed: decision.allowed, ...reason } };
}

const noResource = { group: '', plural: '', subresource: '', namespace: '', name: '' };

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) };
}

function rulesReview(context: Context): object {
  const namespace = textAt(objectAt(bodyOf(context), 'spec'), 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = context.server.authorizer.rulesFor(context.user, namespace);
  const ofResources = rules.filter((rule) => rule.resources.length > 0).map(resourceRule);
  const ofPaths = rules.filter((rule) => rule.nonResourceURLs.length > 0);
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: {
      resourceRules: ofResources,
      nonResourceRules: ofPaths.map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
    },
  };
}

function subjectReview(context: Context): object {
  const { name, groups, uid, extra } = context.user;
  const known = { ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
  const userInfo = { username: name, groups, ...known };
  const metadata = { creationTimestamp: context.server.store.time() };
  return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata, status: { userInfo } };
}

/** Issues a token for a service account: `POST …/serviceaccounts/<name>/token`. */
export function tokenRequest(context: Context): object {
  const { info, server } = context;
  const account = server.store.get(serviceAccounts, info.namespace, info.pathName);
  if (account === undefined) throw notFound(serviceAccounts, info.pathName);
  const given = objectAt(bodyOf(context), 'spec');
  const seconds = typeof given['expirationSeconds'] === 'number' ? given['expirationSeconds'] : 3600;
  const apiVersion = 'authentication.k8s.io/v1';
  const audiences = Array.isArray(given['audiences'])
    ? given['audiences'].map(String)
    : ['https://kubernetes.default.svc'];
  const { name, uid = '' } = account.metadata;
  const token = server.tokens.issue({ namespace: info.namespace, name, uid }, seconds, audiences);
  const expirationTimestamp = new Date(server.store.nowMs() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const managedFields = trackedBy(context, 'TokenRequest', apiVersion, given, 'token');
  const creationTimestamp = server.store.time();
  return {
    kind: 'TokenRequest',
    apiVersion,
    metadata: { name, namespace: info.namespace, uid, creationTimestamp, managedFields },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
    status: { token, expirationTimestamp },
  };
}
