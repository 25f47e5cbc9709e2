import assert from 'node:assert/strict';
import { it } from 'node:test';
import { refresh, type RefreshDeps } from '../../../src/commands/refresh.ts';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { settingsOf } from '../../simulation/settings.ts';
import { sinkOf } from '../../support/sink.ts';
import { standingTime } from '../../support/standing-time.ts';

it('a pass whose servers say nothing ends at its deadline, with what kept it', async () => {
  const { clock, until } = standingTime();
  const told: string[] = [];
  const never = (signal: AbortSignal) =>
    new Promise<ApiReply>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'broken', cause: 'Aborted', message: 'nobody answered' }));
    });
  const deps: RefreshDeps = {
    cluster: {
      server: 'https://kube',
      listNamespaces: (_, signal) => never(signal),
      applySecret: (_, signal) => never(signal),
      readSecret: (_, __, signal) => never(signal),
      readSecretMetadata: (_, __, signal) => never(signal),
    },
    tokens: {
      async issue(_, signal) {
        await never(signal);
        return { kind: 'error', name: 'AbortError', message: 'stopped', service: 'ecr', host: 'ecr.example' };
      },
    },
    clock,
    random: () => 0,
    log: (level, message) => void told.push(`${level}: ${message}`),
    progress: { update: () => {}, end: () => {} },
    sink: sinkOf(),
    write: () => Promise.resolve(),
    isCollected: true,
    screen: {},
  };
  const settings = settingsOf('refresh', { ECR_DEADLINE: '1m', ECR_REQUEST_TIMEOUT: '1m' });
  const running = refresh(settings, deps, new AbortController().signal);
  let code: number | undefined;
  void running.then((ended) => (code = ended));
  await until(59_999);
  assert.equal(code, undefined);
  await until(60_001);
  assert.equal(code, 5);
  assert.equal(told.at(-1), 'error: Pass finished');
});
