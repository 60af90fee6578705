import type { Detector, View } from '../detector.ts'
import { hasTable } from './markdown-table.ts'
import { commandAt, isPlain } from './shell-command.ts'
import { directCommand } from './shell-direct.ts'
import { judgeCommand } from './shell-judge.ts'
import { callers, powerShellVerbs, runners, wholes } from './shell-words.ts'

/** Where a command may begin: after a separator, in a substitution. */
const position = /(?:[;|&\n\r]|\\[nr]|\$\(|`|[<>]\(|\$\{ifs\}|\{(?=,|[a-z./$\\'"*?]{1,20},))/g
const maxPositions = 400

function run(view: View): number {
  const { lower, place } = view
  let best = directCommand(view)
  if (best >= 0.9) return best
  const lines = lower.includes('\n') && lower.indexOf('\n') < lower.length - 1
  const table = lines && lower.includes('|') && hasTable(lower)
  position.lastIndex = 0
  let count = 0
  for (
    let hit = position.exec(lower);
    hit !== null && count < maxPositions;
    hit = position.exec(lower), count++
  ) {
    const mark = hit[0]
    if (table && mark === '|') continue
    const at = hit.index + mark.length
    if (mark !== '{' && isPlain(lower, at)) continue
    const command = commandAt(
      mark === '{' ? lower.slice(at, at + 120).replaceAll(',', ' ') : lower,
      mark === '{' ? 0 : at,
    )
    if (command === undefined) continue
    const confidence = judgeCommand(
      command,
      strongMark(lower, hit.index, mark),
      view,
      place === 'header' || place === 'text' || place === 'xml',
      lines,
      isShort(lower, hit.index),
    )
    if (confidence > best) best = confidence
    if (best >= 0.9) return best
  }
  return best
}

const maxShort = 300
/** Nothing but one short word stands before the mark: a value, and what was put behind it. */
function isShort(text: string, at: number): boolean {
  return text.length <= maxShort && at <= 64 && !/\s/.test(text.slice(0, at))
}

/** `&&`, and `&` or a line break before everything else, join commands and nothing else. */
function strongMark(text: string, at: number, mark: string): string {
  if (mark === '&') return at === 0 || text.charCodeAt(at - 1) === 38 ? ';' : mark
  return mark === '\n' && at === 0 ? ';' : mark
}

/** What may follow the name of a command that takes another, or a host: blanks, versions, the end of a list in braces. */
const afterNames: readonly string[] = [...' \t\v\f+.,}0123456789']

/** Commands of POSIX and Windows shells in command position, and tricks that only shells read. */
export const shellDetector: Detector = {
  name: 'shell.command',
  class: 'cmdi',
  needs: [
    [
      '/',
      '\\',
      ';',
      '|',
      '&',
      '`',
      '$',
      '\n',
      '\r',
      '>',
      '<',
      '{',
      '(',
      // Quotes inside a word, which a shell takes away.
      "'",
      '"',
      ' -',
      '\t-',
      '\t+',
      '\v-',
      '\f-',
      '+-',
      '++',
      ' c:',
      ' d:',
      ' e:',
      ' f:',
      ' +',
      'net ',
      'net\t',
      'net1 ',
      'net1\t',
      ...wholes,
      ...[
        'ini',
        'conf',
        'cfg',
        'txt',
        'log',
        'json',
        'xml',
        'db',
        'sql',
        'env',
        'bak',
        'htm',
        'jsp',
        'asp',
        'pem',
        'key',
      ].map((name) => `.${name}`),
      'ssh ',
      ' >',
      '.sh',
      '.py',
      '.js',
      '.rb',
      '.pl',
      '.php',
      '.yml',
      '.yaml',
      '.bat',
      '.ps1',
      '.exe',
      '.jar',
      ' install',
      ' exec',
      ' run',
      ' clone',
      '^',
      '%',
      '~/',
      '-exec',
      'chmod ',
      '. ~',
      'histfile',
      'reg ',
      'sc ',
      'query ',
      'netsh ',
      'wmic ',
      ...powerShellVerbs,
      '!-',
      'dd if',
      'dd of',
      ' exist ',
      ...[...callers, ...runners, 'sleep', 'ping'].flatMap((name) => afterNames.map((mark) => name + mark)),
      ' decrypt',
      ' dump',
      ' apply',
      ' shell',
    ],
  ],
  run,
}
