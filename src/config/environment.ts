import { nearest } from '../core/failures/suggest.ts';
import { warning, type Warning } from '../core/failures/warnings.ts';
import { options } from './options.ts';
import {
  broughtVariables,
  foreignVariables,
  outerVariables,
  overruledVariables,
  retiredVariables,
} from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a variable without the space around it; undefined where nothing else is in it. */
export function valueOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** What is odd about the environment as a whole: mistyped names, retired ones, stray space around values. */
export function reviewEnvironment(env: Environment): { warnings: Warning[]; trimmed: string[] } {
  const trimmed = readNames.filter((name) => hasStraySpace(env[name]));
  const names = Object.keys(env).filter((name) => env[name] !== undefined);
  return {
    warnings: [
      ...trimmed.map((name) => warning('ValueTrimmed', { where: name, why: describeSpace(env[name] ?? ''), name })),
      ...names.filter((name) => isOverruled(name, env)).map(overruled),
      ...names.flatMap((name) => reviewName(name, env)),
    ],
    trimmed,
  };
}

function isOverruled(name: string, env: Environment): boolean {
  const harmless = name === 'NODE_TLS_REJECT_UNAUTHORIZED' && env[name] !== '0';
  return overruledVariables.includes(name) && env[name] !== '' && !harmless;
}

function overruled(name: string): Warning {
  const why = name === 'NODE_DEBUG' ? 'it prints credentials' : 'with it anybody can pose as AWS or as the API server';
  return warning('VariableOverruled', { where: name, why, name });
}

const ownNames = options.flatMap((option) => option.env);
const readNames = [...ownNames, ...outerVariables.map(({ env }) => env)];
const known: ReadonlySet<string> = new Set([...readNames, ...foreignVariables]);

/** Short and common names (`NO_PROXY`, `NO_COLOR`) have too many neighbours that belong to others. */
const easilyMistyped = readNames.filter((name) => ownNames.includes(name) || name.startsWith('AWS_'));

function reviewName(name: string, env: Environment): Warning[] {
  // A variable may be called `toString`.
  const retired = Object.hasOwn(retiredVariables, name) ? retiredVariables[name] : undefined;
  if (retired !== undefined) return [warning('VariableRetired', { where: name, ...retired })];
  const brought = Object.hasOwn(broughtVariables, name) ? broughtVariables[name] : undefined;
  // Who sets both gives one of them to another program.
  if (brought !== undefined && valueOf(env, brought) !== undefined) return [];
  if (brought !== undefined) {
    const hint = `Set ${brought} instead.`;
    return [warning('VariableUnknown', { where: name, why: 'other programs read it, and nothing here does', hint })];
  }
  if (known.has(name) || isServiceLink(name, env[name] ?? '')) return [];
  const isOurs = name.startsWith('ECR_');
  const meant = nearest(name, candidatesFor(name), isOurs ? 3 : name.length < 12 ? 1 : 2);
  if (meant !== undefined) {
    return [warning('VariableUnknown', { where: name, why: 'nothing reads it', hint: `Did you mean ${meant}?` })];
  }
  const hint = 'Remove it, or see docs/options.md for the variables there are.';
  return isOurs ? [warning('VariableUnknown', { where: name, why: 'nothing reads it', hint })] : [];
}

/** Few misspell a name at both ends, and an environment may hold hundreds of names to look at in each start. */
function candidatesFor(name: string): string[] {
  const [first, last] = [name[0]?.toUpperCase(), name.at(-1)?.toUpperCase()];
  return easilyMistyped.filter((candidate) => candidate[0] === first || candidate.at(-1) === last);
}

/** Kubernetes puts variables for every Service of the namespace into its pods: `ECR_PROXY_SERVICE_HOST`. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name)) return true;
  return (
    /_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/.test(name) &&
    /^(?:tcp|udp|sctp|\d|[\da-f.:]+$)/i.test(value)
  );
}

function hasStraySpace(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '' && value !== value.trim();
}

function describeSpace(value: string): string {
  if (/[\r\n]\s*$/.test(value)) return 'it ends with a line break';
  return /\s$/.test(value) ? 'it ends with a space' : 'it begins with a space';
}
