import type { StaticKey } from '../config/aws/static-key.ts';
import { createTokenSource } from './aws/tokens.ts';
import { openLook } from './open-explain.ts';
import type { ClusterSettings, Surroundings } from './surroundings.ts';

/** Everything that `doctor` asks; nothing is sent yet. What cannot be made is told, and stops nothing else. */
export async function openDoctor(settings: ClusterSettings, around: Surroundings) {
  const { requestTimeoutMs } = settings;
  // The STS client brings packages of its own; they are in a file that nothing else loads.
  const [{ createIdentitySource }, opened] = await Promise.all([
    import('./aws/identity.ts'),
    openLook(settings, around),
  ]);
  const { nowMs } = around.clock;
  const aws = (key?: StaticKey) => {
    const call = { ...around, requestTimeoutMs, ...(key === undefined ? {} : { key }) };
    return { tokens: createTokenSource(call), identity: createIdentitySource({ ...call, nowMs }) };
  };
  return { ok: true as const, value: { ...opened.value, aws } };
}
