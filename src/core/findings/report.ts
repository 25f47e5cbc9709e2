import type { ExitCode } from '../errors.ts';
import { few } from './words.ts';
import { checkGroups, groupOf, type CheckGroup, type Finding, type Severity } from './finding.ts';

/** How findings are put on a screen. */
export type Screen = {
  colours: boolean;
  /** Columns; lines are broken between words. Absent: not at all. */
  width?: number;
  /** Every finding with what was looked at, those in order too. */
  verbose: boolean;
};

/** 0 where nothing is to be fixed, else 5. */
export function exitCodeOfFindings(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'problem') ? 5 : 0;
}

/** The findings as one document for machines. */
export function findingsDocument(findings: readonly Finding[]) {
  return { exitCode: exitCodeOfFindings(findings), counts: countsOf(findings), findings };
}

/** The findings as lines for people: a heading for each group, what is in order in few words, what is not with its remedy. */
export function findingLines(findings: readonly Finding[], screen: Screen): string[] {
  const groups = Object.keys(checkGroups).filter(isGroup);
  const sections = groups.map((group) => {
    const own = findings.filter(({ check }) => groupOf(check) === group);
    return own.length === 0 ? [] : [paint('bold', checkGroups[group], screen), ...sectionLines(own, screen), ''];
  });
  return [...sections.flat(), closingLine(findings, screen)];
}

function sectionLines(findings: readonly Finding[], screen: Screen): string[] {
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

/** One line for what is in order in a check. */
function inOrder(findings: readonly Finding[], screen: Screen): string[] {
  const [first] = findings;
  if (first === undefined) return [];
  const looked = few(
    findings.map((each) => each.looked),
    3,
  );
  const found = findings.length === 1 ? first.found : looked;
  return wrapped(`${mark('ok', screen)} ${checkName(first)}: ${found}`, 2, screen);
}

/** As many of one kind as a screen bears; the rest is counted. */
const mostOfAKind = 3;

function shortened(findings: readonly Finding[], screen: Screen): string[] {
  const byReason = Map.groupBy(findings, ({ reason }) => reason);
  return [...byReason.values()].flatMap((alike) => {
    const rest = alike.length - mostOfAKind;
    const more = rest > 0 ? wrapped(`… and ${rest} more like it (--verbose shows all)`, 4, screen) : [];
    return [...alike.slice(0, mostOfAKind).flatMap((each) => findingBlock(each, screen)), ...more];
  });
}

function findingBlock({ check, severity, reason, looked, found, fix }: Finding, screen: Screen): string[] {
  const head = `${mark(severity, screen)} ${check.slice(check.indexOf('/') + 1)}: ${paint(colourOf[severity], reason, screen)}`;
  return [
    ...wrapped(`${head}  ${looked}`, 2, screen),
    ...wrapped(found, 4, screen),
    ...(fix === '' ? [] : wrapped(`→ ${fix}`, 4, screen)),
  ];
}

function closingLine(findings: readonly Finding[], screen: Screen): string {
  const counts = countsOf(findings);
  const parts = [
    counts.problem === 0 ? 'Nothing to fix' : `${counts.problem} to fix`,
    ...(counts.note === 0 ? [] : [`${counts.note} to know`]),
    `${counts.ok} in order`,
  ];
  return paint(colourOf[counts.problem === 0 ? 'ok' : 'problem'], parts.join(', '), screen);
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { ok: 0, note: 0, problem: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

const marks = { ok: '✓', note: '•', problem: '✗' } as const satisfies Record<Severity, string>;
const colourOf = { ok: 'green', note: 'yellow', problem: 'red' } as const satisfies Record<Severity, string>;
const codes = { bold: 1, red: 31, green: 32, yellow: 33 } as const;

function mark(severity: Severity, screen: Screen): string {
  return paint(colourOf[severity], marks[severity], screen);
}

function paint(colour: keyof typeof codes, words: string, { colours }: Screen): string {
  return colours ? `\u001B[${codes[colour]}m${words}\u001B[0m` : words;
}

function checkName({ check }: Finding): string {
  return check.slice(check.indexOf('/') + 1);
}

/** Breaks between words, and hangs what follows two columns further in. */
function wrapped(line: string, indent: number, { width }: Screen): string[] {
  const first = ' '.repeat(indent);
  if (width === undefined) return [first + line];
  const lines: string[] = [];
  let current = first;
  for (const word of line.split(' ')) {
    const isEmpty = current.trim() === '';
    if (!isEmpty && visibleLength(current) + 1 + visibleLength(word) > width) {
      lines.push(current);
      current = `${first}  ${word}`;
    } else current += isEmpty ? word : ` ${word}`;
  }
  return [...lines, current];
}

function visibleLength(words: string): number {
  // oxlint-disable-next-line no-control-regex -- what colours are made of
  return words.replaceAll(/\u001B\[\d+m/g, '').length;
}

function isGroup(name: string): name is CheckGroup {
  return Object.hasOwn(checkGroups, name);
}
