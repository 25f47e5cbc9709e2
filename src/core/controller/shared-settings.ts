import { isRecord } from '../api/reply.ts';
import { parseBounded } from '../text/bounded-json.ts';

/** What replicas have to agree on: whoever leads writes by it. */
export type SharedSettings = {
  secretName: string;
  labelName: string;
  labelValue: string;
  onConflict: string;
  prune: boolean;
  registries: readonly { host: string }[];
  region?: string;
};

/** The settings by the names of their variables, as a replica notes them in the Lease that it holds. Nothing in it is secret. */
export function settingsNote(settings: SharedSettings): string {
  return JSON.stringify({
    ECR_SECRET_NAME: settings.secretName,
    ECR_LABEL_NAME: settings.labelName,
    ECR_LABEL_VALUE: settings.labelValue,
    ECR_ON_CONFLICT: settings.onConflict,
    ECR_PRUNE: String(settings.prune),
    DOCKER_REGISTRY: settings.registries.map(({ host }) => host).join(','),
    AWS_REGION: settings.region ?? '',
  });
}

/** More than ours: it is none. */
const bounds = { depth: 2, values: 32 };
export const mostNoteCharacters = 16 * 1024;

/**
 * The variables in which another's note differs from ours; empty where it does not, or is none.
 * @param own as it left: a note that had to be cut is none.
 * @param other as it stands in the Lease, which others may write.
 */
export function differingSettings(own: string, other: string | undefined): string[] {
  if (other === undefined || other === own || other.length > mostNoteCharacters) return [];
  const [ours, theirs] = [noted(own), noted(other)];
  // One that another version does not note is not known to differ.
  return Object.keys(ours).filter((name) => Object.hasOwn(theirs, name) && theirs[name] !== ours[name]);
}

function noted(text: string): Record<string, unknown> {
  const read = parseBounded(text, bounds);
  return read.kind === 'json' && isRecord(read.value) ? read.value : {};
}
