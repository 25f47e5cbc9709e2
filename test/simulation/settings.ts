import { parseConfiguration } from '../../src/config/parse.ts';
import type { Settings } from '../../src/config/settings.ts';

/** The program's own settings for a command, as they are by default but for these variables. */
export function settingsOf(command: 'refresh' | 'controller', env: Record<string, string>): Settings {
  const given = { AWS_DEFAULT_REGION: 'eu-west-1', ...env };
  const configuration = parseConfiguration({
    argv: [command],
    env: given,
    homeDirectory: '/',
    readFile: () => undefined,
  });
  if (configuration.ok) return configuration.settings;
  throw new Error(`these are no settings: ${JSON.stringify(configuration.failures)}`);
}
