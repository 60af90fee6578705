import type { Command, Options } from './command.ts'
import { Misuse } from './misuse.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** The command that writes completion for the commands it is given. */
export function createCompletionCommand(others: readonly Command[]): Command {
  const command: Command = {
    name: 'completion',
    summary: 'write completion for bash, zsh or fish',
    help: `
Usage: sallyport completion bash|zsh|fish

Writes a script that completes commands and options. For bash: source <(sallyport completion bash)
`,
    options: {},
    async run({ positionals, terminal }) {
      const [shell, ...more] = positionals
      const known = shells.find((one) => one === shell)
      if (known === undefined || more.length > 0) throw new Misuse(`completion: write ${shells.join(', ')}`)
      const rows = [...others, command].map(({ name, summary, options }) => ({
        name,
        summary,
        flags: flagsOf(options),
      }))
      terminal.out(known === 'bash' ? bash(rows) : known === 'zsh' ? zsh(rows) : fish(rows))
      return 0
    },
  }
  return command
}

interface Row {
  readonly name: string
  readonly summary: string
  /** `--config`, `-H`. */
  readonly flags: readonly string[]
}

function flagsOf(options: Options): readonly string[] {
  const own = Object.entries(options).flatMap(([name, { short }]) =>
    short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`],
  )
  return [...own, '--help', '--verbose']
}

function bash(rows: readonly Row[]): string {
  return `# sallyport completion for bash
_sallyport() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then words="${rows.map(({ name }) => name).join(' ')} help version"
  else
    case "\${COMP_WORDS[1]}" in
${rows.map(({ name, flags }) => `      ${name}) words="${flags.join(' ')}" ;;`).join('\n')}
    esac
  fi
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ] || [[ "$word" == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"); fi
}
complete -o default -F _sallyport sallyport
`
}

function zsh(rows: readonly Row[]): string {
  return `#compdef sallyport
# sallyport completion for zsh
_sallyport() {
  local -a commands
  commands=(
${rows.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${rows.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _sallyport sallyport
`
}

function fish(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, summary, flags }) => [
    `complete -c sallyport -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...flags.map((flag) =>
      flag.startsWith('--')
        ? `complete -c sallyport -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`
        : `complete -c sallyport -n '__fish_seen_subcommand_from ${name}' -s ${flag.slice(1)}`,
    ),
  ])
  return `# sallyport completion for fish\n${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
