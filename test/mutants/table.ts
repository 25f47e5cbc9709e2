import { mutantsOf } from './mutant.ts';
import { aws, kubernetes } from './tables/adapters.ts';
import { commands } from './tables/commands.ts';
import { config } from './tables/config.ts';
import { api } from './tables/core-api.ts';
import { coreController } from './tables/core-controller.ts';
import { secret } from './tables/core-secret.ts';
import { coreTold } from './tables/core-told.ts';
import { coreDoctor, doctor } from './tables/doctor.ts';
import { http } from './tables/http.ts';
import { coreInventory, inventory } from './tables/inventory.ts';
import { controller, pass, serving } from './tables/serving.ts';

/** Every decision that is turned round, by the room that it is made in. */
export const mutants = mutantsOf([
  ...[api, secret, coreController, coreTold, coreDoctor, coreInventory].flat(),
  ...[serving, pass, controller].flat(),
  ...[config, doctor, inventory, commands].flat(),
  ...[http, kubernetes, aws].flat(),
]);
