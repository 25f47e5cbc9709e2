import type { ExitCode } from '../failures/errors.ts';
import { remedyParts } from '../failures/remedy.ts';
import type { Clean, Colour, Line, Piece } from '../text/sink.ts';
import { few } from '../text/words.ts';
import { wrapped } from '../text/wrap.ts';
import { checkGroups, groupOf, type CheckGroup, type Finding, type Severity } from './finding.ts';

/** How findings are put on a screen. */
export type Screen = {
  /** Columns; lines are broken between words. Absent: not at all. */
  width?: number;
  /** Every finding with what was looked at, those in order too. */
  verbose: boolean;
};

/** 0 where nothing is to be fixed, else 5. */
export function exitCodeOfFindings(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'problem') ? 5 : 0;
}

/** The findings as one document for machines; `command` is what of a remedy can be typed as it stands. */
export function findingsDocument(findings: readonly Finding[]) {
  const told = findings.map((finding) => {
    const { command } = remedyParts(finding.fix);
    return command === undefined ? finding : { ...finding, command };
  });
  return { exitCode: exitCodeOfFindings(findings), counts: countsOf(findings), findings: told };
}

/** The findings as lines for people: a heading for each group, what is in order in few words, what is not with its remedy. */
export function findingLines(findings: Clean<readonly Finding[]>, screen: Screen): Line[] {
  const groups = Object.keys(checkGroups).filter(isGroup);
  const sections = groups.map((group) => {
    const own = findings.filter(({ check }) => groupOf(check) === group);
    return own.length === 0
      ? []
      : [[{ text: checkGroups[group], colour: 'bold' as const }], ...sectionLines(own, screen), ''];
  });
  return [...sections.flat(), closingLine(findings)];
}

function sectionLines(findings: readonly Finding[], screen: Screen): Line[] {
  if (screen.verbose) return findings.flatMap((each) => findingBlock(each, screen));
  const byCheck = Map.groupBy(findings, ({ check }) => check);
  return [...byCheck.values()].flatMap((ofCheck) => {
    const amiss = ofCheck.filter(({ severity }) => severity !== 'ok');
    return [
      ...inOrder(
        ofCheck.filter(({ severity }) => severity === 'ok'),
        screen,
      ),
      ...shortened(amiss, screen),
    ];
  });
}

/** One line for what is in order in a check; of one thing a line for each that was found of it. */
function inOrder(findings: readonly Finding[], screen: Screen): Line[] {
  const [first] = findings;
  if (first === undefined) return [];
  const looked = [...new Set(findings.map((each) => each.looked))];
  const told = looked.length === 1 ? new Set(findings.map((each) => each.found)) : [few(looked, 3)];
  return [...told].flatMap((found) => wrapped([mark('ok'), ` ${checkName(first)}: ${found}`], 2, screen));
}

/** As many of one kind as a screen bears; the rest is counted. */
const mostOfAKind = 3;

function shortened(findings: readonly Finding[], screen: Screen): Line[] {
  const byReason = Map.groupBy(findings, ({ reason }) => reason);
  return [...byReason.values()].flatMap((alike) => {
    const rest = alike.length - mostOfAKind;
    const more = rest > 0 ? wrapped([`… and ${rest} more like it (--verbose shows all)`], 4, screen) : [];
    return [...alike.slice(0, mostOfAKind).flatMap((each) => findingBlock(each, screen)), ...more];
  });
}

function findingBlock({ check, severity, reason, looked, found, fix }: Finding, screen: Screen): Line[] {
  const name = check.slice(check.indexOf('/') + 1);
  return [
    ...wrapped([mark(severity), ` ${name}: `, { text: reason, colour: colourOf[severity] }, `  ${looked}`], 2, screen),
    ...wrapped([found], 4, screen),
    ...remedyLines(fix, screen),
  ];
}

/** What to type stands alone and whole, however long: broken by us it would be two commands when it is pasted. */
function remedyLines(fix: string, screen: Screen): Line[] {
  if (fix === '') return [];
  const { words, command } = remedyParts(fix);
  const told = words === '' ? [] : wrapped([`→ ${words}${command === undefined ? '' : ':'}`], 4, screen);
  if (command === undefined) return told;
  return [...told, [`${' '.repeat(words === '' ? 4 : 6)}${words === '' ? '→ ' : ''}${command}`]];
}

function closingLine(findings: readonly Finding[]): Line {
  const counts = countsOf(findings);
  const parts = [
    counts.problem === 0 ? 'Nothing to fix' : `${counts.problem} to fix`,
    ...(counts.note === 0 ? [] : [`${counts.note} to know`]),
    `${counts.ok} in order`,
  ];
  return [{ text: parts.join(', '), colour: colourOf[counts.problem === 0 ? 'ok' : 'problem'] }];
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { ok: 0, note: 0, problem: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

const marks = { ok: '✓', note: '•', problem: '✗' } as const satisfies Record<Severity, string>;
const colourOf = { ok: 'green', note: 'yellow', problem: 'red' } as const satisfies Record<Severity, Colour>;

function mark(severity: Severity): Piece {
  return { text: marks[severity], colour: colourOf[severity] };
}

function checkName({ check }: Finding): string {
  return check.slice(check.indexOf('/') + 1);
}

function isGroup(name: string): name is CheckGroup {
  return Object.hasOwn(checkGroups, name);
}
