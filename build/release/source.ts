import { spawnSync } from 'node:child_process';
import { ownVersion } from '../version.ts';

/** What a release is built from. */
export type Source = {
  version: string;
  /** `unknown` where git reads no checkout. */
  commit: string;
  /** What git said then. */
  whyUnknown?: string;
  /** The tag of this version stands at the commit. */
  isTagged: boolean;
  /** Files that differ from the commit. */
  changed: readonly string[];
  /** When everything is dated: SOURCE_DATE_EPOCH, else the time of the commit; seconds since 1970. */
  epochSeconds: number;
};

/**
 * Looks at the checkout in `root`.
 * @throws Error with what to do, where nothing says how to date what is built.
 */
export function sourceOf(root: string, env: NodeJS.ProcessEnv): Source {
  const version = ownVersion();
  let said = '';
  const git = (...args: string[]): string | undefined => {
    const { status, stdout, stderr, error } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
    if (status === 0) return stdout.trimEnd();
    said = error?.message ?? stderr.trim().replaceAll(/\s+/g, ' ');
    return undefined;
  };
  const commit = git('rev-parse', 'HEAD');
  const epoch = env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct');
  if (epoch === undefined || !/^\d{1,11}$/.test(epoch)) {
    throw new Error(
      epoch === undefined
        ? `git reads no checkout here (${said}): mend that, or set SOURCE_DATE_EPOCH to the seconds since 1970 that everything is to be dated`
        : 'SOURCE_DATE_EPOCH has to be whole seconds since 1970',
    );
  }
  return {
    version,
    ...(commit === undefined ? { commit: 'unknown', whyUnknown: said } : { commit }),
    isTagged: (git('tag', '--points-at', 'HEAD') ?? '').split('\n').includes(`v${version}`),
    changed: (git('status', '--porcelain', '--untracked-files=normal') ?? '').split('\n').filter((line) => line !== ''),
    epochSeconds: Number(epoch),
  };
}

/**
 * What it is built from, in a line.
 * @param changes what the changelog says of it, as `changesOf` found it.
 */
export function builtFrom(source: Source, changes: string | undefined): string {
  const { version, commit, isTagged, changed, epochSeconds } = source;
  const dated = new Date(epochSeconds * 1000).toISOString().replace('.000', '');
  const where = commit === 'unknown' ? 'a folder' : `commit ${commit}`;
  const files = changed.length === 1 ? 'a file that is' : `${changed.length} files that are`;
  const more = changed.length === 0 ? '' : `, with ${files} not committed`;
  const tag = isTagged ? `tag v${version}, ` : '';
  const why = whyNotReleased(source, changes);
  const note = why === undefined ? '' : `; not a release: ${why}`;
  return `ecr-cred-helper ${version} from ${tag}${where}${more}, dated ${dated}${note}`;
}

/** Why it is not to be published. */
export function whyNotReleased(
  { version, whyUnknown, isTagged, changed }: Source,
  changes: string | undefined,
): string | undefined {
  if (whyUnknown !== undefined) return `git reads no checkout here (${whyUnknown})`;
  if (!isTagged) return `there is no tag v${version} at it`;
  if (changed.length > 0) return `not committed: ${changed.map((line) => line.slice(3)).join(', ')}`;
  if (changes === undefined) return `CHANGELOG.md has no "## ${version} (<year>-<month>-<day>)"`;
  return undefined;
}

/** What `org.opencontainers.image.revision` says. */
export function revisionOf({ commit, changed }: Source): string {
  return changed.length === 0 ? commit : `${commit}-modified`;
}
