import { stringify } from 'yaml';
import { filesOf, names } from './names.ts';

/**
 * The manifest by which krew installs the plugin: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
 * @param sha256 of the plugin's archive, in hexadecimal.
 */
export function krewManifest(version: string, sha256: string): string {
  const { repository } = names;
  const uri = `${repository}/releases/download/v${version}/${filesOf(version).plugin}`;
  const platforms = ['linux', 'darwin'].map((os) => ({
    selector: { matchLabels: { os } },
    uri,
    sha256,
    files: [{ from: '*', to: '.' }],
    bin: 'kubectl-ecr_creds',
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
