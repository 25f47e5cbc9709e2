import { whyNot } from '../core/api/reply.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { findPolicies, listed, type PoliciesFact } from '../core/doctor/policies.ts';
import type { Release } from '../core/doctor/shipped.ts';
import { answered, type Driving } from '../serving/drive.ts';
import type { Asked, DoctorSettings } from './deps.ts';

const group = '/apis/admissionregistration.k8s.io/v1';

/** Finds the admission policies that `deploy/` ships, by their labels: an overlay may have named them otherwise. */
export async function checkPolicies(
  own: Asked,
  { secretName, labelName, labelValue }: DoctorSettings,
  { account, release }: { account: string; release: Release | undefined },
  deps: Driving & { version: string },
  signal: AbortSignal,
): Promise<Finding[]> {
  const list = async (plural: string, component: string): Promise<PoliciesFact> => {
    const selector = `app.kubernetes.io/name=ecr-cred-helper,app.kubernetes.io/component=${component}`;
    const path = `${group}/${plural}?labelSelector=${encodeURIComponent(selector)}&limit=50`;
    const reply = await answered(() => own.read(path, 'whole', signal), deps, signal);
    if (reply.kind === 'broken') return { kind: 'unseen', why: whyNot(reply) };
    if (reply.status === 404) return { kind: 'unknown' };
    return reply.status === 200 ? listed(reply.body) : { kind: 'unseen', why: whyNot(reply) };
  };
  const [policies, bindings, firstPod] = await Promise.all([
    list('validatingadmissionpolicies', 'fence'),
    list('validatingadmissionpolicybindings', 'fence'),
    list('mutatingadmissionpolicies', 'first-pod'),
  ]);
  return findPolicies(
    { fence: { policies, bindings }, firstPod },
    {
      account,
      secretName,
      labelName,
      labelValue,
      version: deps.version,
      release,
    },
  );
}
