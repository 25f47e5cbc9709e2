import type { Inspector } from '../../ports.ts';
import { METADATA_LIST } from './cluster.ts';
import type { Transport } from './requests.ts';

/** The reads and reviews of `doctor` over a transport. */
export function inspectorOn(transport: Transport): Inspector {
  return {
    read: (path, form, signal) =>
      transport.request({ method: 'GET', path, ...(form === 'metadata' ? { accept: METADATA_LIST } : {}) }, signal),
    review: (path, body, signal) => transport.request({ method: 'POST', path, body }, signal),
  };
}
