import { mutantsOf } from './mutant.ts';
import { aws, kubernetes } from './tables/adapters.ts';
import { api } from './tables/core-api.ts';
import { coreController } from './tables/core-controller.ts';
import { coreDoctor, coreRest } from './tables/core-rest.ts';
import { secret } from './tables/core-secret.ts';
import { controller, pass, serving } from './tables/serving.ts';
import { config, doctor, inventory, process } from './tables/outer.ts';

/** Every decision that is turned round, by the room that it is made in. */
export const mutants = mutantsOf([
  ...[api, secret, coreController, coreRest, coreDoctor].flat(),
  ...[serving, pass, controller].flat(),
  ...[config, doctor, inventory].flat(),
  ...[kubernetes, aws, process].flat(),
]);
