/** The kinds of machine for which there is an image. */
export type Platform = {
  /** As OCI, Debian and Kubernetes call it. */
  architecture: 'amd64' | 'arm64';
  /** As Node and npm call it. */
  cpu: 'x64' | 'arm64';
  strip: string;
  /** Runs a program of that machine on this one; absent where that is this one. */
  emulator?: string;
};

/** A release is made on amd64. */
export const platforms: readonly Platform[] = [
  { architecture: 'amd64', cpu: 'x64', strip: 'x86_64-linux-gnu-strip' },
  {
    architecture: 'arm64',
    cpu: 'arm64',
    strip: 'aarch64-linux-gnu-strip',
    emulator: 'qemu-aarch64-static',
  },
];
