/**
 * Flags for a container with 64 MiB. Node sizes its heap by the machine and would let it grow past such a container's limit
 * before it collects. V8's code cache is only taken under the flags it was made with.
 */
export const runtimeFlags = ['--max-old-space-size=40', '--max-semi-space-size=1'];
