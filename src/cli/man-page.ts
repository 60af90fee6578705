import type { Command } from './command.ts'

/** docs/sallyport.1: the manual page, from the table of commands. */
export function manPage(commands: readonly Command[]): string {
  const lines = [
    '.TH SALLYPORT 1 "" "" "Sallyport"',
    '.SH NAME',
    'sallyport \\- API security gateway',
    '.SH SYNOPSIS',
    '.B sallyport',
    '.I COMMAND',
    '[options]',
    '.SH DESCRIPTION',
    'One guarded gate in front of HTTP APIs, compiled from their OpenAPI documents.',
    '.SH COMMANDS',
    ...commands.flatMap(({ name, help }) => [
      `.SS ${roff(name)}`,
      '.nf',
      ...help.trim().split('\n').map(roff),
      '.fi',
    ]),
    '.SH EXIT STATUS',
    '.TP',
    '.B 0',
    'fine',
    '.TP',
    '.B 1',
    'findings',
    '.TP',
    '.B 2',
    'cannot: wrong command line, or a file that cannot be read',
    '.SH FILES',
    '.TP',
    '.I sallyport.yaml',
    'the configuration; every key is described in docs/configuration.md',
    '.TP',
    '.I .sallyport\\-audit.yaml',
    'findings of the audit that are left as they are, with reason and last day',
  ]
  return `${lines.join('\n')}\n`
}

/** A line of text that roff takes for text. */
function roff(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
}
