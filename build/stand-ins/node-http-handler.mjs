// The clients of the SDK are given the program's own handler, and their answers come whole.
export const NodeHttpHandler = { create: (handler) => handler };

export function streamCollector() {
  throw new Error('answers come whole');
}
