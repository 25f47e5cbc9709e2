import { parseRegistryHost } from '../secret/registry-host.ts';
import { timestamp } from '../secret/pull-secret.ts';
import type { Clean } from '../text/sink.ts';
import { expiringMs, statusTable, type NamespaceStatus } from './status.ts';
import { bar, plainText, shortDuration, type Cell, type Column } from '../text/table.ts';

/** How much of a row is shown; wide rows hold everything as it is. */
export type Detail = 'short' | 'wide';

const barCells = 6;
const lifeMs = 12 * 3_600_000;

/** The columns of the status table. The secret's name is the same in every row, so it is the first to go. */
export const statusColumns: readonly Column[] = [
  { title: 'NAMESPACE', least: 14, shrinks: 3 },
  { title: 'SECRET', least: 6, yields: 0 },
  { title: 'REGISTRIES', least: 11, shrinks: 1, yields: 1, cut: 'left' },
  { title: 'REFRESHED', least: 10, yields: 3 },
  { title: 'EXPIRES IN', least: barCells + 7 },
  { title: 'MANAGED BY', least: 10, shrinks: 2, yields: 2 },
  { title: 'PROBLEM', least: 11 },
];

/** A namespace as a row of the table. */
export function statusCells(status: Clean<NamespaceStatus>, name: string, nowMs: number, detail: Detail): Cell[] {
  const { namespace, secret, code } = status;
  const { word, amiss } = statusTable[code];
  const problem = code === 'PullSecretValid' ? '' : detail === 'wide' ? code : word;
  const tone = amiss ? toneOf(status) : 'grey';
  return [
    { text: namespace },
    { text: secret === undefined ? '-' : name },
    { text: secret === undefined ? '-' : registriesText(secret.registries, detail) },
    { text: refreshedText(secret?.refreshedAtMs, nowMs, detail) },
    expiryCell(secret?.expiresAtMs, nowMs, detail),
    { text: plainText(secret?.managers.join(',') ?? '-') || '-' },
    problem === '' ? { text: '' } : { text: problem, colour: tone },
  ];
}

function toneOf({ code }: NamespaceStatus): 'red' | 'yellow' {
  return code === 'PullSecretMissing' || code === 'PullSecretExpired' ? 'red' : 'yellow';
}

function registriesText(hosts: readonly string[], detail: Detail): string {
  if (hosts.length === 0) return '-';
  if (detail === 'wide') return plainText(hosts.join(','));
  return plainText(hosts.map(shortHost).join(','));
}

/** What tells an ECR host from others: `123456789012/eu-west-1`. */
function shortHost(host: string): string {
  const registry = parseRegistryHost(host);
  return registry === undefined ? host : `${registry.account}/${registry.region}`;
}

function refreshedText(atMs: number | undefined, nowMs: number, detail: Detail): string {
  if (atMs === undefined) return '-';
  return detail === 'wide' ? timestamp(atMs) : `${shortDuration(nowMs - atMs)} ago`;
}

function expiryCell(atMs: number | undefined, nowMs: number, detail: Detail): Cell {
  if (atMs === undefined) return { text: '-' };
  const leftMs = atMs - nowMs;
  const colour = leftMs <= 0 ? 'red' : leftMs < expiringMs ? 'yellow' : 'green';
  const time = leftMs <= 0 ? `-${shortDuration(leftMs)}` : shortDuration(leftMs);
  const precise = detail === 'wide' ? ` (${timestamp(atMs)})` : '';
  return { text: `${bar(leftMs / lifeMs, barCells)} ${time}${precise}`, colour };
}
