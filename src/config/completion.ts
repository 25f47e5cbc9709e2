const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * The shell that is asked for.
 * @throws for another: the table of commands lets none through.
 */
export function shellOf(operand: string | undefined): Shell {
  const shell = shells.find((known) => known === operand);
  if (shell === undefined) throw new Error(`no completion for ${operand ?? 'no shell'}`);
  return shell;
}

/**
 * A script for the shell that has the program say what may follow; with its last line break.
 *
 * `complete` answers as programs on cobra do (https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective): a line for each word,
 * with what it is behind a tab, then `:4`, or `:0` where the shell is to offer files. Of `--flag=value` it names the value alone.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/**
 * Written for bash 3.2 too, which macOS has: no `mapfile`, no `compopt`, no library of completions. Nothing that is offered is
 * expanded, as `compgen -W` does. bash cuts words at `=` and at the `:` in the names of EKS's contexts, and wants what is behind it.
 */
const bash = String.raw`# bash completion for ecr-cred-helper: source <(ecr-cred-helper completion bash)
_ecr_cred_helper() {
  local line="${'$'}{COMP_LINE:0:COMP_POINT}" words current cut value about
  read -ra words <<<"$line"
  case "$line" in *[[:space:]]) words+=("") ;; esac
  current="${'$'}{words[${'$'}{#words[@]} - 1]#-*=}"
  cut="${'$'}{current%"${'$'}{current##*:}"}"
  case "$COMP_WORDBREAKS" in *:*) ;; *) cut="" ;; esac
  COMPREPLY=()
  while IFS=$'\t' read -r value about; do
    case "$value" in
      :0) while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$current") ;;
      :*) ;;
      *) COMPREPLY+=("${'$'}{value#"$cut"}") ;;
    esac
  done < <(ecr-cred-helper complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -F _ecr_cred_helper ecr-cred-helper
`;

const zsh = String.raw`#compdef ecr-cred-helper
# zsh completion for ecr-cred-helper: source <(ecr-cred-helper completion zsh)
_ecr_cred_helper() {
  local line
  local -a lines candidates
  lines=("${'$'}{(@f)$(ecr-cred-helper complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  compset -P '-*='
  if [[ "${'$'}{lines[-1]}" == ":0" ]]; then
    _files
    return
  fi
  for line in "${'$'}{(@)lines[1,-2]}"; do
    candidates+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  _describe -V 'completion' candidates
}
if [[ "${'$'}{funcstack[1]}" == "_ecr_cred_helper" ]]; then
  _ecr_cred_helper "$@"
else
  compdef _ecr_cred_helper ecr-cred-helper
fi
`;

const fish = String.raw`# fish completion for ecr-cred-helper: ecr-cred-helper completion fish | source
function __ecr_cred_helper
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l flag (string match -r -- '^-[^=]*=' "$current")
    set -l lines (ecr-cred-helper complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$lines[-1]" = ':0'
        set lines (__fish_complete_path (string replace -- "$flag" '' "$current")) ''
    end
    for line in $lines[1..-2]
        printf '%s%s\n' "$flag" "$line"
    end
end
complete -c ecr-cred-helper -e
complete -c ecr-cred-helper -f -a '(__ecr_cred_helper)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
