import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startPlayground, type Playground } from '../../demo/playground.ts';
import { shippedProgram } from './shipped-program.ts';

export type TypingStage = {
  playground: Playground;
  /** Of whoever types, with the key of AWS in it. */
  folder: string;
  env: Record<string, string>;
  close(): Promise<void>;
};

/**
 * The cluster that the demo keeps up, with the program as it is shipped, and a folder in which somebody types.
 * @param tools folders of programs that go before the others.
 */
export async function startTypingStage(...tools: string[]): Promise<TypingStage> {
  const program = await shippedProgram();
  const playground = await startPlayground(200, program.path);
  playground.kubernetes.createNamespace('shop');
  const folder = join(playground.directory, 'own');
  await mkdir(folder);
  await copyFile(playground.keyFile, join(folder, 'ecr-credentials'));
  const path = [...tools, playground.variables.PATH].join(':');
  return {
    playground,
    folder,
    env: { ...playground.variables, HOME: playground.directory, PATH: path },
    async close() {
      await playground.close();
      await program.close();
    },
  };
}
