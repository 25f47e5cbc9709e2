import { createRedactor, type Redact } from '../../src/core/text/redact.ts';
import { createSecrets } from '../../src/core/text/secrets.ts';
import { createSink, type Sink } from '../../src/core/text/sink.ts';

/** A redactor that knows these secrets. */
export function redactorOf(...known: readonly string[]): Redact {
  const secrets = createSecrets();
  for (const each of known) secrets.learn(each);
  return createRedactor(secrets);
}

/** A sink that knows these secrets. */
export function sinkOf(...known: readonly string[]): Sink {
  return createSink(redactorOf(...known));
}
