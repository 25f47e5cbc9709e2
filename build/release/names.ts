/** Where things are, once they are published. */
export const names = {
  image: 'ghcr.io/ecr-cred-helper/ecr-cred-helper',
  charts: 'oci://ghcr.io/ecr-cred-helper/charts',
  repository: 'https://github.com/ecr-cred-helper/ecr-cred-helper',
};

/** All files of a release, sorted. */
export function allFilesOf(version: string, architectures: readonly string[], overlays: readonly string[]): string[] {
  const files = filesOf(version);
  const ofImages = architectures.flatMap((architecture) => [files.image(architecture), files.imageSbom(architecture)]);
  const { chart, package: ofNpm, packageSbom, plugin, krew, licences, checksums } = files;
  const others = [chart, ofNpm, packageSbom, plugin, krew, licences, checksums];
  return [...ofImages, ...overlays.map((overlay) => files.install(overlay)), ...others].toSorted();
}

/** What the files of a release are called. */
export function filesOf(version: string) {
  const base = `ecr-cred-helper-${version}`;
  return {
    image: (architecture: string) => `${base}-image-${architecture}.tar`,
    imageSbom: (architecture: string) => `${base}-image-${architecture}.cdx.json`,
    chart: `${base}-chart.tgz`,
    package: `${base}-npm.tgz`,
    packageSbom: `${base}-npm.cdx.json`,
    plugin: `kubectl-ecr_creds-${version}.tar.gz`,
    krew: 'ecr-creds.yaml',
    install: (overlay: string) => `install-${overlay}.yaml`,
    licences: 'THIRD-PARTY-LICENSES.txt',
    checksums: 'SHA256SUMS',
  };
}
