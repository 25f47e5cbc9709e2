import { registerHooks } from 'node:module';
import { variable, type Lent } from './lent.ts';

// Imported before everything else by a process that is to run a mutant.
mutate(JSON.parse(process.env[variable] ?? '{}') as Lent);

/** Loads the file as the mutant has it; everything else is loaded as it is, and nothing is written anywhere. */
function mutate({ url, stands, becomes }: Lent): void {
  registerHooks({
    load(each, context, next) {
      const loaded = next(each, context);
      if (each !== url || loaded.source === undefined || loaded.source === null) return loaded;
      return { ...loaded, source: asText(loaded.source).replace(stands, () => becomes) };
    },
  });
}

function asText(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
