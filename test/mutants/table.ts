import { mutantsOf } from './mutant.ts';
import { api } from './tables/core-api.ts';
import { coreController } from './tables/core-controller.ts';
import { coreDoctor, coreRest } from './tables/core-rest.ts';
import { secret } from './tables/core-secret.ts';
import { controller, pass, serving } from './tables/engine.ts';

/** Every decision that is turned round. */
export const mutants = mutantsOf([
  ...api,
  ...coreController,
  ...secret,
  ...coreRest,
  ...coreDoctor,
  ...serving,
  ...pass,
  ...controller,
]);
