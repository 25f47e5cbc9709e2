import { failure, type Failure } from '../core/failures/errors.ts';
import { parseRegistries, type Registry } from '../core/secret/registry-host.ts';
import { warning, type Warning } from '../core/failures/warnings.ts';
import type { ListenAddress } from './settings.ts';

/** What the text of an option turned out to mean. */
export type Reading<T> = { ok: true; value: T; warnings?: readonly Warning[] } | { ok: false; failures: Failure[] };

/** Reads the trimmed text of an option; `name` is what the operator wrote, a variable or a flag. */
export type Parser<T> = (text: string, name: string) => Reading<T>;

/** One of a few words, in any case. */
export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return (text, name) => {
    const found = words.find((word) => word === text.toLowerCase());
    if (found !== undefined) return { ok: true, value: found };
    return invalid(name, `${quoted(text)} is none of the values it can have`, alternatives(words));
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number): Parser<number> {
  return (text, name) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return { ok: true, value };
    return invalid(
      name,
      `${quoted(text)} is out of range or no whole number`,
      `a whole number from ${least} to ${most}`,
    );
  };
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `90s`, `10m` or `1h30m`, in milliseconds, within bounds that are written the same way. */
export function duration(least: string, most: string): Parser<number> {
  const expected = `a duration from ${least} to ${most}, such as 90s or 10m`;
  const bounds = { leastMs: durationMs(least) ?? 0, mostMs: durationMs(most) ?? 0 };
  return (text, name) => {
    const value = durationMs(text);
    if (value === undefined) {
      const why = /^\d+$/.test(text) ? `${quoted(text)} has no unit` : `${quoted(text)} is no duration`;
      return invalid(name, why, expected);
    }
    if (value < bounds.leastMs || value > bounds.mostMs)
      return invalid(name, `${quoted(text)} is out of range`, expected);
    return { ok: true, value };
  };
}

function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitsMs[unit ?? ''] ?? 0), 0));
}

/** On or off. A flag without a value arrives as `true`. */
export function onOff(): Parser<boolean> {
  const meanings = new Map([
    ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
    ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
  ]);
  return (text, name) => {
    const value = meanings.get(text.toLowerCase());
    return value === undefined ? invalid(name, `${quoted(text)} is neither`, 'true or false') : { ok: true, value };
  };
}

/** Any text that is not empty. */
export function anyText(): Parser<string> {
  return (text) => ({ ok: true, value: text });
}

/** A text that HTTP can carry in a header. */
export function oneLine(): Parser<string> {
  return (text, name) => {
    if (!/\p{Cc}|\p{Cs}/u.test(text)) return { ok: true, value: text };
    return invalid(name, `${quoted(text)} holds a line break or another control character`, 'one line');
  };
}

/** `:8080`, `127.0.0.1:8080` or `[::1]:8080`. */
export function listenAddress(): Parser<ListenAddress> {
  return (text, name) => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text);
    const host = match?.[1] ?? match?.[2] ?? '';
    const port = Number(match?.[3]);
    if (match !== null && port <= 65_535) return { ok: true, value: { port, ...(host === '' ? {} : { host }) } };
    return invalid(name, `${quoted(text)} is no address to listen on`, 'an address such as :8080 or 127.0.0.1:8080');
  };
}

/** Texts separated by commas, each fit for a header. */
export function listOfTexts(): Parser<readonly string[]> {
  const each = oneLine();
  return (text, name) => {
    const parts = text.split(',').map((part) => part.trim());
    const failures = parts.map((part) => each(part, name)).flatMap((read) => (read.ok ? [] : read.failures));
    return failures.length > 0 ? { ok: false, failures } : { ok: true, value: parts.filter(Boolean) };
  };
}

/** The name of a Kubernetes object: an RFC 1123 subdomain. */
export function objectName(): Parser<string> {
  return (text, name) => {
    if (isSubdomain(text)) return { ok: true, value: text };
    return invalid(
      name,
      `${quoted(text)} is no name that Kubernetes takes`,
      'at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at each end',
    );
  };
}

/** The key of a Kubernetes label: a name of at most 63 characters, after an optional DNS prefix and a slash. */
export function labelName(): Parser<string> {
  return (text, name) => {
    const slash = text.indexOf('/');
    const prefixIsFine = slash === -1 || isSubdomain(text.slice(0, slash));
    if (prefixIsFine && isLabelText(text.slice(slash + 1))) return { ok: true, value: text };
    const why = text.includes('=') ? 'it holds "=": name and value are set apart' : `${quoted(text)} is no label name`;
    return invalid(
      name,
      why,
      'at most 63 letters, digits, "-", "_" and ".", with a letter or digit at each end, such as credentialType or example.com/pull',
    );
  };
}

/** The value of a Kubernetes label. */
export function labelValue(): Parser<string> {
  return (text, name) => {
    if (isLabelText(text)) return { ok: true, value: text };
    return invalid(
      name,
      `${quoted(text)} is no label value`,
      'at most 63 letters, digits, "-", "_" and ".", with a letter or digit at each end',
    );
  };
}

/** The name of an AWS region. */
export function regionName(): Parser<string> {
  return (text, name) => {
    if (/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/.test(text)) return { ok: true, value: text };
    const isZone = /^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}[a-z]$/.test(text);
    const why = isZone ? `${quoted(text)} is an availability zone` : `${quoted(text)} is not the name of a region`;
    return invalid(name, why, isZone ? text.slice(0, -1) : 'a region such as eu-west-1');
  };
}

/** The ECR hosts of `DOCKER_REGISTRY`; every one that is none is refused by name. */
export function registryHosts(): Parser<readonly Registry[]> {
  return (text, name) => {
    const entries = parseRegistries(text);
    const refused = entries.filter((entry) => entry.kind === 'invalid');
    if (refused.length > 0) {
      const failures = refused.map(({ entry, why }) =>
        failure('RegistryHostInvalid', { where: name, why: `${quoted(entry)}: ${why}` }),
      );
      return { ok: false, failures };
    }
    const accepted = entries.filter((entry) => entry.kind === 'registry');
    const warnings = accepted.flatMap(({ registry, cleanedFrom }) =>
      cleanedFrom === undefined
        ? []
        : [
            warning('RegistryHostCleaned', {
              where: name,
              why: `it names ${quoted(cleanedFrom)}`,
              host: registry.host,
            }),
          ],
    );
    return { ok: true, value: accepted.map(({ registry }) => registry), warnings };
  };
}

/** A value as messages show it: in quotes, of bounded length, control characters escaped, and never one that looks like an AWS key. */
export function quoted(text: string): string {
  if (/(?:AKIA|ASIA)[A-Z0-9]{12,}|[A-Za-z0-9/+=]{40,}/.test(text)) return 'the value (not shown: it looks like a key)';
  return text.length > 200 ? `a text of ${text.length} characters` : JSON.stringify(text);
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

function isLabelText(text: string): boolean {
  return /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text);
}

function invalid(name: string, why: string, expected: string): { ok: false; failures: Failure[] } {
  return { ok: false, failures: [failure('OptionValueInvalid', { where: name, why, name, expected })] };
}
