import { parseArgs } from 'node:util'
import { nearest } from '../config/yaml/nearest.ts'
import { Unusable } from '../kernel/finding.ts'
import { printable } from '../report/printable.ts'
import { renderFindings } from '../report/render-findings.ts'
import { summarize } from '../report/render-text.ts'
import type { Command, Options } from './command.ts'
import { commands } from './commands.ts'
import { Misuse } from './misuse.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

const everywhere: Options = {
  help: { type: 'boolean', short: 'h' },
  verbose: { type: 'boolean' },
}

/** Runs one command line; gives the exit code: 0 fine, 1 findings, 2 cannot. Never rejects. */
export async function main(argv: string[]): Promise<number> {
  const terminal = createTerminal()
  const verbose = argv.includes('--verbose')
  try {
    return await dispatch(argv, terminal)
  } catch (error) {
    return explainFailure(error, terminal, verbose, argv)
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv.filter((word, index) => !(index === 0 && word === '--verbose'))
  if (name === undefined) {
    terminal.err(overview())
    return 2
  }
  if (name === '--help' || name === '-h' || name === 'help') return help(rest[0], terminal)
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.out(`${version()}\n`)
    return 0
  }
  const command = find(name)
  const { values, positionals } = parse(command, rest)
  if (values['help'] === true) {
    terminal.out(helpOf(command))
    return 0
  }
  return command.run({ values, positionals, terminal })
}

function help(name: string | undefined, terminal: Terminal): number {
  terminal.out(name === undefined ? overview() : helpOf(find(name)))
  return 0
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  const names = commands.map((candidate) => candidate.name)
  const close = nearest(name, names)
  const shown = printable(name.slice(0, 40))
  throw new Misuse(
    `unknown command \`${shown}\`${close === undefined ? `; there are ${names.join(', ')}` : `, did you mean \`${close}\`?`}`,
  )
}

function parse(
  command: Command,
  args: readonly string[],
): { values: Record<string, string | boolean | (string | boolean)[] | undefined>; positionals: string[] } {
  const options = { ...command.options, ...everywhere }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw error
    const wrong = args.find(
      (arg) => arg.startsWith('--') && !Object.hasOwn(options, arg.slice(2).split('=', 1)[0] ?? ''),
    )
    const close =
      wrong === undefined ? undefined : nearest(wrong.slice(2).split('=', 1)[0] ?? '', Object.keys(options))
    const reason = printable((error.message.split(/\. |\n/, 1)[0] ?? '').replace(/\.$/, ''))
    throw new Misuse(
      `${command.name}: ${reason}${close === undefined ? '' : `, did you mean \`--${close}\`?`}`,
    )
  }
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    'Sallyport, an API security gateway: one guarded gate in front of HTTP APIs.',
    '',
    'Usage: sallyport COMMAND [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    '`sallyport COMMAND --help` says more. `--verbose` adds stack traces to errors, `--version` tells the version.',
    'Exit codes: 0 fine, 1 findings, 2 cannot.',
    '',
  ].join('\n')
}

function helpOf(command: Command): string {
  return `${command.help.trim()}\n  -h, --help           this text\n      --verbose        stack traces with errors\n`
}

function explainFailure(
  error: unknown,
  terminal: Terminal,
  verbose: boolean,
  argv: readonly string[],
): number {
  if (error instanceof Unusable) {
    terminal.err(renderFindings(error.findings, 'text', { colour: terminal.colourErr }))
    terminal.err(`sallyport: ${summarize(error.findings)}\n`)
  } else if (error instanceof Misuse) {
    terminal.err(`sallyport: ${error.message}\n`)
    const known = commands.find(({ name }) => argv.includes(name) && error.message.startsWith(name))
    terminal.err(
      known === undefined
        ? '`sallyport --help` lists the commands.\n'
        : `\`sallyport ${known.name} --help\` tells how it is called.\n`,
    )
  } else {
    const reason = error instanceof Error ? error.message : 'something that is no error was thrown'
    terminal.err(`sallyport: ${printable(reason)}\n`)
    if (!verbose) terminal.err('`--verbose` shows where it happened.\n')
  }
  if (verbose && error instanceof Error && error.stack !== undefined)
    terminal.err(`${printable(error.stack)}\n`)
  return 2
}
