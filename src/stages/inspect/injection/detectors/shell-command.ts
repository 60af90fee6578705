import { commonCommands, tellingCommands } from './shell-commands.ts'
import { isGlobPath } from './shell-glob.ts'

/** Breaks in a word that a shell takes away: quotes, backslash, caret, empty variables. */
const breaks =
  /['"\\^]|(?<=[a-z])\$[a-z_]\w{0,15}|(?<=[a-z])\[(?=[a-z]\])|(?<=\[[a-z])\]|\$\{?[@*!$#0-9-]\}?|\$\{[a-z0-9_]{1,3}\}|\$\(\)|``/g
const gap = /\$\{?ifs\}?(?:\$\d)?|\$ifs\$\d|\{?,/g

/** A word in command position. */
export interface Command {
  readonly name: string
  readonly rest: string
  readonly broken: boolean
  readonly path: boolean
  readonly glob: boolean
}

/** Blanks before a command that are read over. */
const maxBlanks = 12

/** A cheap no: a word that is no command, no spelling of one, and has no option; signs that no command begins with. */
export function isPlain(text: string, from: number): boolean {
  let start = from
  while (start < from + maxBlanks && text.charCodeAt(start) === 32) start++
  const first = text.charCodeAt(start)
  // More blanks than are read over.
  if (first === 32) return true
  let end = start
  while (isWordCharacter(text.charCodeAt(end))) end++
  if (end === start) return isBullet(text, start)
  if (end - start > 40) return false
  const next = text.charCodeAt(end)
  if (next === 32) {
    const after = text.charCodeAt(end + 1)
    if (after === 45 || after === 32) return false
  } else if (end < text.length && next !== 10 && !(isCut(next) && first !== 110)) {
    const after = text.charCodeAt(end + 1)
    // A full stop or comma at the end of a word.
    if ((next !== 44 && next !== 46) || (after !== 32 && end + 1 < text.length)) return false
  }
  const last = text.charCodeAt(end - 1)
  if (last <= 57) return false
  const word = text.slice(start, end)
  return !tellingCommands.has(word) && !commonCommands.has(word)
}

/** Signs that lines of texts and code begin with, and a blank. */
function isBullet(text: string, from: number): boolean {
  let end = from
  while (end < from + 12 && '*-=#:'.includes(text.charAt(end))) end++
  const next = text.charCodeAt(end)
  return end > from && (next === 32 || next === 10)
}

/** What ends the name of a command and belongs to no option: `( ) ; | &`. */
function isCut(unit: number): boolean {
  return unit === 40 || unit === 41 || unit === 59 || unit === 124 || unit === 38
}

function isWordCharacter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)
}

/** The word in command position, as a shell reads it. */
export function commandAt(text: string, at: number): Command | undefined {
  let raw = text.slice(at, at + 160)
  if (raw.includes('+') && !raw.includes(' ')) raw = raw.replaceAll('+', ' ')
  const start =
    /^[\s;|&({+`!"'@,]{0,12}(?:\$'?[a-z]{0,2}[\s+]{1,3}|\$(?=['"]))?["']{0,2}/.exec(raw)?.[0].length ?? 0
  raw = raw.slice(start)
  if (raw === '') return undefined
  const spaced = raw.includes('ifs') || raw.startsWith('{') ? raw.replace(gap, ' ') : raw
  const token = /^(?:\$\(\)|``|[^\s;|&<>()`]){1,80}/.exec(spaced)?.[0] ?? ''
  if (token === '') return undefined
  const word = token.replace(breaks, '')
  const rest = spaced.slice(token.length)
  const slash = Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\'))
  const path = slash >= 0 && /^(?:\/|\.\/|~\/|[a-z]:|%[a-z]{1,20}%|(?:usr\/(?:local\/)?)?s?bin\/)/.test(word)
  const whole = word.slice(path ? slash + 1 : 0).replace(/[},]{1,2}$/, '')
  return {
    name:
      tellingCommands.has(whole) || commonCommands.has(whole)
        ? whole
        : whole.replace(/(?<=[a-z])[\d.]{1,6}$/, ''),
    rest,
    broken:
      /[a-z](?:''|""|\\|\^|\$[@*$#0-9-]|\$\(\)|``|\$\{[a-z0-9_]{0,3}\}|'[a-z]{1,3}'|"[a-z]{1,3}")[a-z/]/.test(
        token,
      ),
    path:
      path &&
      (/(?:^|[/\\])(?:s?bin|windows|system32|usr)[/\\]/.test(word) ||
        word.startsWith('./') ||
        word.startsWith('~/')),
    glob: path && isGlobPath(word),
  }
}
