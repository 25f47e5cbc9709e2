import type { Answer } from './exchange.ts';
import type { RequestInfo } from './request-info.ts';

const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '8e16b12fda5b1dccc41a6de48b3e356cc7d5048b',
  gitTreeState: '',
  buildDate: '2026-06-10T14:57:05Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** The paths that are no resources: health, version, and what the server serves. */
export function discovery(info: RequestInfo, _accept: string): Answer | undefined {
  const { path } = info;
  if (['/readyz', '/livez', '/healthz'].includes(path)) {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' };
  }
  if (path === '/version' || path === '/version/') {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(version) };
  }
  return undefined;
}
