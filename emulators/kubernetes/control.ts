import type { Answer, Exchange } from './exchange.ts';
import type { Fault, Faults } from './faults.ts';
import type { RequestInfo } from './request-info.ts';
import type { Stats } from './stats.ts';

interface Controlled {
  stats: Stats;
  faults: Faults;
  adminToken: string;
  compact: () => void;
}

function answer(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/**
 * What another process may ask of the emulator itself, with the administrator's token:
 * `GET /emulator/stats`, `POST /emulator/stats/reset`, `POST /emulator/faults` (a fault or a list of them),
 * `DELETE /emulator/faults`, `POST /emulator/compact`.
 */
export function control({ stats, faults, adminToken, compact }: Controlled) {
  const actions: Record<string, (body: string) => object> = {
    'GET /emulator/stats': () => stats.counts(),
    'POST /emulator/stats/reset': () => {
      stats.reset();
      return {};
    },
    'POST /emulator/faults': (body) => {
      const given = [JSON.parse(body) as Fault | Fault[]].flat(); // whoever holds the token writes the tests
      for (const fault of given) faults.add(fault);
      return { added: given.length };
    },
    'DELETE /emulator/faults': () => {
      faults.clear();
      return {};
    },
    'POST /emulator/compact': () => {
      compact();
      return {};
    },
  };
  return (exchange: Exchange, info: RequestInfo): Answer | undefined => {
    if (!info.path.startsWith('/emulator/')) return undefined;
    if (exchange.header('authorization') !== `Bearer ${adminToken}`) return answer(401, { message: 'Unauthorized' });
    const action = actions[`${exchange.method} ${info.path}`];
    return action === undefined ? answer(404, { message: 'no such action' }) : answer(200, action(exchange.body));
  };
}
