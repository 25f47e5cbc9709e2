import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { replay } from './replay.ts';
import { cases } from './transcripts.ts';

describe('the emulator answers as kube-apiserver v1.36.2 did', { concurrency: 8 }, () => {
  for (const story of cases) {
    it(`${story.name}: ${story.why}`, async () => {
      const now = Date.now();
      const kubernetes = await startKubernetes({ now: () => now });
      try {
        assert.deepEqual(await replay(story, kubernetes), []);
      } finally {
        await kubernetes.close();
      }
    });
  }
});
