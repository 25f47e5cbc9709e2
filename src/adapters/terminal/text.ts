import type { SafeText } from '../../core/text/sink.ts';

/** What a stream of the process offers that output is shaped by. */
export type TextStream = {
  write(text: SafeText, done?: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type ColourEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether to write colours: `NO_COLOR` forbids them, `FORCE_COLOR` asks for them anywhere, else only terminals have them. */
export function wantsColour(stream: TextStream, env: ColourEnvironment): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Whether nobody reads a stream but what collects the output of pods. */
export function isCollected({ isTTY }: Pick<TextStream, 'isTTY'>, env: PodEnvironment): boolean {
  return isTTY !== true && (env.KUBERNETES_SERVICE_HOST ?? '') !== '';
}

export type PodEnvironment = { readonly KUBERNETES_SERVICE_HOST?: string | undefined };
