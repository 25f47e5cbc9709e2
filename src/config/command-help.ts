import type { CommandName } from './commands.ts';
import { exitCodes } from './exit-codes.ts';

export type CommandHelp = {
  /** What it does, in a few sentences; behind the summary of the command table. */
  about: string;
  /** What each exit code means for it. */
  exits: readonly { code: number; meaning: string }[];
  /** What somebody wants, and what is to be typed for that. */
  examples: readonly (readonly [aim: string, ...lines: string[]])[];
};

const bug = { code: 1, meaning: 'A bug: please report it with the stack trace' };
const usage = { code: 2, meaning: 'Configuration or usage is wrong; nothing was touched' };
const api = { code: 4, meaning: 'The Kubernetes API could not be reached or refused to list' };

/** What is told of each command beside its options. */
export const commandHelp: Readonly<Record<CommandName, CommandHelp>> = {
  refresh: {
    about:
      'One pass: it asks ECR for a token, and writes the pull secret into every namespace that carries the label, in place, ' +
      'with one request a namespace. A CronJob runs it. Where ECR gives no token, or a secret holds data of others, what is there stays.',
    exits: exitCodes,
    examples: [
      ['See what a pass would change:', 'ecr-cred-helper --dry-run'],
      [
        'Serve one registry, with a kubeconfig, and read the summary by machine:',
        'DOCKER_REGISTRY=123456789012.dkr.ecr.eu-west-1.amazonaws.com \\',
        '  ecr-cred-helper refresh --context staging --output json',
      ],
    ],
  },
  controller: {
    about:
      'It watches: a namespace that gains the label has its pull secret at once, a secret that somebody deletes is back, and tokens are ' +
      'renewed at half their life. A Deployment runs it; of several replicas one leads. It serves /metrics, /healthz and /readyz.',
    exits: [
      { code: 0, meaning: 'It was told to stop, and has finished what was under way' },
      bug,
      { code: 2, meaning: 'Configuration or usage is wrong, or its port is taken' },
    ],
    examples: [
      ['Run it as a Deployment:', 'kubectl apply -k deploy/controller'],
      [
        'Try it from here, alone, with the current context of the kubeconfig:',
        'ecr-cred-helper controller --leader-election=false --listen 127.0.0.1:8080',
      ],
    ],
  },
  doctor: {
    about:
      'It looks at everything that a pull secret rests on, from AWS to the pods that wait, and writes nothing. It judges what is installed in ' +
      'the cluster: the settings that the CronJob or the Deployment gives its pods, asked with their key and as their ServiceAccount. ' +
      'Those of this machine count where nothing in the cluster runs the program.',
    exits: [
      { code: 0, meaning: 'There is nothing to fix' },
      bug,
      usage,
      { code: 5, meaning: 'There is something to fix; each finding says what to do' },
      { code: 130, meaning: 'It was interrupted, and tells nothing' },
    ],
    examples: [
      ['Look at the cluster of another context:', 'ecr-cred-helper doctor --context staging'],
      ['Look at one namespace, and at what it rests on:', 'ecr-cred-helper doctor -n shop'],
      [
        'Ask why an image cannot be pulled:',
        'ecr-cred-helper doctor \\',
        '  --image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1',
      ],
      [
        'List what is to be typed:',
        'ecr-cred-helper doctor -o json |',
        `  jq -r '.findings[] | select(.severity == "problem").command // empty'`,
      ],
    ],
  },
  explain: {
    about:
      'It follows the way of the image from the label of the namespace to the registry, and says what is the first thing that is not right: ' +
      'a reference to the pull secret, the secret itself, its login, the rights on the repository, or the back-off of the kubelet. The ' +
      'registry is asked with the login that stands in the secret. Nothing is written.',
    exits: [
      { code: 0, meaning: 'Nothing is to be fixed; the pod runs, or will by itself' },
      bug,
      usage,
      { code: 5, meaning: 'Something keeps it; each finding says what to do' },
      { code: 130, meaning: 'It was interrupted, and tells nothing' },
    ],
    examples: [
      ['Ask why a pod waits:', 'ecr-cred-helper explain web-0 -n shop'],
      ['Have the answer as a document:', 'ecr-cred-helper explain pod/web-0 -n shop -o json'],
    ],
  },
  status: {
    about:
      'A row a namespace: what its pull secret is for, how old it is, and what is amiss with it. It reads metadata alone, and asks nothing ' +
      'of AWS.',
    exits: [
      { code: 0, meaning: 'Every labelled namespace has a valid pull secret' },
      bug,
      usage,
      api,
      { code: 5, meaning: 'Something is amiss with one or more of them' },
    ],
    examples: [
      ['Keep an eye on every namespace:', 'ecr-cred-helper status --watch'],
      [
        'Name the namespaces that need somebody:',
        'ecr-cred-helper status --problems -o json |',
        `  jq -r '.namespaces[].namespace'`,
      ],
    ],
  },
  prune: {
    about:
      'It removes pull secrets that this program made and nobody else put anything into; logins of ours are taken out of those that others ' +
      'share. On a terminal it shows what it would remove, and does so with --yes; elsewhere it wants --yes or --dry-run.',
    exits: [
      { code: 0, meaning: 'What was to be removed is removed, or would be' },
      bug,
      usage,
      api,
      { code: 5, meaning: 'Some could not be removed; they are named' },
    ],
    examples: [
      ['See what namespaces without the label still have:', 'ecr-cred-helper prune'],
      ['Remove every trace, once nothing runs that would put it back:', 'ecr-cred-helper prune --all --yes'],
    ],
  },
  completion: {
    about:
      'The script is for the shell to read when it starts. It asks the program what may follow: commands, flags and their values, the ' +
      'contexts of the kubeconfig, namespaces and pods.',
    exits: [{ code: 0, meaning: 'The script was printed' }, bug, usage],
    examples: [
      ['bash, in ~/.bashrc:', 'source <(ecr-cred-helper completion bash)'],
      ['zsh, in ~/.zshrc, behind compinit:', 'source <(ecr-cred-helper completion zsh)'],
      ['fish, once:', 'ecr-cred-helper completion fish \\', '  > ~/.config/fish/completions/ecr-cred-helper.fish'],
    ],
  },
  complete: {
    about: 'Shells ask it, by the script that completion prints, and kubectl does.',
    exits: [{ code: 0, meaning: 'What is known was printed' }],
    examples: [['Ask what may follow:', 'ecr-cred-helper complete -- status --']],
  },
  help: {
    about: 'Without the name of a command it explains the program.',
    exits: [{ code: 0, meaning: 'The text was printed' }, usage],
    examples: [['Explain one of the commands:', 'ecr-cred-helper help doctor']],
  },
};
