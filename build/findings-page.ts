import { checkGroups, type CheckGroup } from '../src/core/doctor/finding.ts';
import { findingTable } from '../src/core/doctor/finding-table.ts';

const marks = /(<!-- findings -->\n)[\s\S]*(<!-- end of findings -->)/;

/**
 * `docs/troubleshooting.md` with what the table says between its two marks; the rest of it is written by hand.
 * @param page as it stands.
 */
export function withFindings(page: string): string {
  const groups = Object.keys(checkGroups) as CheckGroup[]; // its type has exactly these keys
  const sections = groups.flatMap((group) => {
    const rows = Object.entries(findingTable).filter(([, row]) => row.check.startsWith(`${group}/`) && 'means' in row);
    return rows.length === 0 ? [] : [`### ${checkGroups[group]}\n\n${rows.map(entry).join('\n')}\n`];
  });
  const any = Object.entries(findingTable).filter(([, { check }]) => check === 'any');
  const everywhere = `${any.map(entry).join('\n')}\n`;
  return page.replace(
    marks,
    (_, begin: string, end: string) => `${begin}\n${[everywhere, ...sections].join('\n')}\n${end}`,
  );
}

function entry([reason, row]: [string, (typeof findingTable)[keyof typeof findingTable]]): string {
  const means = 'means' in row ? row.means : '';
  return `- **${reason}** (${row.severity}): ${means}`;
}
