import { stringify } from 'yaml';

/** What of the package's archive belongs to the plugin: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ */
const files = ['package/dist/*.cjs', 'package/dist/THIRD-PARTY-LICENSES', 'package/LICENSE'].map((from) => ({
  from,
  to: '.',
}));

/**
 * The manifest by which krew installs the plugin.
 * @param sha256 of the archive that `npm pack` makes, in hexadecimal.
 */
export function krewManifest(version: string, sha256: string): string {
  const repository = 'https://github.com/ecr-cred-helper/ecr-cred-helper';
  const uri = `${repository}/releases/download/v${version}/ecr-cred-helper-${version}.tgz`;
  const platforms = ['linux', 'darwin'].map((os) => ({
    selector: { matchLabels: { os } },
    uri,
    sha256,
    files,
    bin: 'ecr-cred-helper.cjs',
  }));
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'ecr-creds' },
      spec: {
        version: `v${version}`,
        homepage: repository,
        shortDescription: 'Look after the pull secrets for Amazon ECR',
        description:
          'Shows the pull secret for Amazon ECR of every namespace (status), says why a pod waits for its images (explain), what is\n' +
          'wrong with an installation of ecr-cred-helper and what mends it (doctor), renews the secrets now (refresh), and removes\n' +
          'them (prune).\n',
        caveats:
          'Needs Node.js 24.11 or newer on the PATH. For completion, in a folder of the PATH:\n' +
          '  ln -s "$(command -v kubectl-ecr_creds)" kubectl_complete-ecr_creds\n',
        platforms,
      },
    },
    { aliasDuplicateObjects: false, blockQuote: 'literal' },
  );
}
