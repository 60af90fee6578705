import type { Detector, View } from '../detector.ts'
import { hasTable } from './markdown-table.ts'
import { commonCommands, tellingCommands } from './shell-commands.ts'
import { isGlobPath } from './shell-glob.ts'
import { shellSigns } from './shell-signs.ts'

/** Where a command may begin: after a separator, in a substitution. */
const position = /(?:[;|&\n\r]|\\[nr]|\$\(|`|[<>]\(|\$\{ifs\}|\{(?=,|[a-z./$\\'"*?]{1,20},))/g
const maxPositions = 400
/** Breaks in a word that a shell takes away: quotes, backslash, caret, empty variables. */
const breaks =
  /['"\\^]|(?<=[a-z])\$[a-z_]\w{0,15}|(?<=[a-z])\[(?=[a-z]\])|(?<=\[[a-z])\]|\$\{?[@*!$#0-9-]\}?|\$\{[a-z0-9_]{1,3}\}|\$\(\)|``/g
const gap = /\$\{?ifs\}?(?:\$\d)?|\$ifs\$\d|\{?,/g

interface Command {
  readonly name: string
  readonly rest: string
  readonly broken: boolean
  readonly path: boolean
  readonly glob: boolean
}

function run(view: View): number {
  const { lower, place } = view
  const { prose } = view
  let best = direct(view, prose)
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
    const confidence = judge(
      command,
      strongMark(lower, hit.index, mark),
      prose,
      place === 'header' || place === 'text' || place === 'xml',
      lines,
    )
    if (confidence > best) best = confidence
    if (best >= 0.9) return best
  }
  return best
}

/** Commands that are names of things people list and tag. */
const products = new Set(
  'node nodejs npm php python ruby perl java git docker mysql psql aws snap puppet salt terraform vagrant helm composer chef ansible julia links apt latex octave pandoc jq kubectl yarn'.split(
    ' ',
  ),
)

/** `&&`, and `&` or a line break before everything else, join commands and nothing else. */
function strongMark(text: string, at: number, mark: string): string {
  if (mark === '&') return at === 0 || text.charCodeAt(at - 1) === 38 ? ';' : mark
  return mark === '\n' && at === 0 ? ';' : mark
}

/** A cheap no: a word that is no command, no spelling of one, and has no option. */
function isPlain(text: string, from: number): boolean {
  let start = from
  while (start < from + 3 && text.charCodeAt(start) === 32) start++
  let end = start
  while (isWordCharacter(text.charCodeAt(end))) end++
  if (end === start || end - start > 40) return false
  const next = text.charCodeAt(end)
  if (next === 32) {
    const after = text.charCodeAt(end + 1)
    if (after === 45 || after === 32) return false
  } else if (end < text.length && next !== 10) {
    const after = text.charCodeAt(end + 1)
    // A full stop or comma at the end of a word.
    if ((next !== 44 && next !== 46) || (after !== 32 && end + 1 < text.length)) return false
  }
  const last = text.charCodeAt(end - 1)
  if (last <= 57) return false
  const word = text.slice(start, end)
  return !tellingCommands.has(word) && !commonCommands.has(word)
}

function isWordCharacter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)
}

/** The word in command position, as a shell reads it. */
function commandAt(text: string, at: number): Command | undefined {
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
  const path = slash >= 0 && /^(?:\/|\.\/|[a-z]:|%[a-z]{1,20}%|(?:usr\/(?:local\/)?)?s?bin\/)/.test(word)
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
    path: path && (/(?:^|[/\\])(?:s?bin|windows|system32|usr)[/\\]/.test(word) || word.startsWith('./')),
    glob: path && isGlobPath(word),
  }
}

const option =
  /^\s{0,4}<{2,3}|^ [c-f]:(?:$|[\s|/\\"])|^\s{1,4}(?:\S{1,40}\s{0,2}>{1,2}\s{0,2}\S|["']?(?:-[a-z0-9-]|\/[a-z?]|\+[%a-z]|>{1,2}\s{0,2}[/a-z&]|<{1,3}\s{0,2}[/a-z]))/
const operand =
  /^\s{1,4}["']?(?:[a-z0-9_.~*?$-]{0,40}[/\\*?$][a-z0-9_.~*?$/\\{}-]{0,80}|\d{1,5}(?:$|[\s;|&)`"'])|[a-z0-9-]{1,60}\.[a-z0-9.-]{2,60}|https?:|"|')/
const end = /^\s{0,4}(?:$|[;|&)`"'#%\\\n\r}>])/

function judge(command: Command, mark: string, prose: boolean, loose: boolean, lines: boolean): number {
  const { name, rest } = command
  if (command.glob) return prose ? 0.6 : 0.85
  const substitution = mark === '$(' || mark === '`'
  const telling = tellingCommands.has(name) || (name.endsWith('.exe') && name.length > 4)
  const known = telling || commonCommands.has(name)
  if (!known) {
    if (command.path) return prose ? 0.6 : 0.8
    // An unknown program with options, right after a separator.
    return (mark === ';' || mark === '|' || (substitution && !lines)) &&
      !prose &&
      !loose &&
      /^[a-z][a-z0-9_-]{1,20}$/.test(name) &&
      /^\s{1,2}-{1,2}[a-z]/.test(rest)
      ? 0.72
      : 0
  }
  if (mark === '<(' || mark === '>(') return prose ? 0.6 : 0.85
  if (command.broken && telling) return 0.92
  if (command.path) return prose ? 0.6 : 0.88
  // In Markdown a backtick opens a quotation.
  const weakMark = mark === '{' || mark === '&' || mark === '\n' || loose || (prose && mark !== ';')
  if (option.test(rest)) return prose && weakMark ? 0.6 : telling ? 0.93 : prose ? 0.6 : 0.85
  if (operand.test(rest))
    return prose ? (telling && !weakMark ? 0.75 : 0.5) : telling ? 0.9 : weakMark ? 0.6 : 0.75
  if (end.test(rest)) {
    if (prose) return telling && substitution ? 0.6 : 0.4
    if (products.has(name) && !substitution) return 0.6
    if (telling)
      return mark === '&' && /^\s{0,4}[=]/.test(rest) ? 0 : substitution ? 0.92 : weakMark ? 0.74 : 0.85
    return substitution ? (mark === '`' ? 0.66 : 0.8) : mark === '|' || mark === ';' ? 0.72 : 0.5
  }
  // A name and a word: only where the name is none of prose.
  if (telling && /^\s{1,4}[a-z0-9_-]{1,40}/.test(rest)) return prose || weakMark ? 0.5 : 0.78
  return 0
}

/** A variable that is set and then run. */
const assignment = /(?:^|[^\w$])([a-z_]\w{0,20})=[^;\s=]{1,60}\s{0,4};\s{0,4}\$\{?([a-z_]\w{0,20})/

/** Commands that say enough alone. */
const wholes = ['whoami', 'ifconfig', 'ipconfig', 'netstat', 'systeminfo', 'phpinfo', 'printenv', 'tasklist']

/** Commands that run another one. */
const runners = new Set([
  'time',
  'exec',
  'command',
  'builtin',
  'watch',
  'eval',
  'nohup',
  'env',
  'sudo',
  'strace',
  'nice',
  'setsid',
  'timeout',
  'busybox',
  'xargs',
  'ionice',
])

/** A value that is a command as a whole, and signs that stand anywhere. */
function direct({ lower, place }: View, prose: boolean): number {
  let best = 0
  for (const { marks, shape, confidence, quoted } of shellSigns) {
    const one = prose ? quoted : confidence
    if (one > best && marks.some((mark) => lower.includes(mark)) && shape.test(lower)) best = one
  }
  const set = lower.includes(';') && lower.includes('$') ? assignment.exec(lower) : null
  if (set !== null && set[1] === set[2]) best = Math.max(best, prose ? 0.5 : 0.82)
  if (prose || lower.length > 400 || best >= 0.8) return best
  const command = isPlain(lower, 0) ? undefined : commandAt(lower, 0)
  if (command === undefined) return best
  const telling = tellingCommands.has(command.name)
  if (command.glob) return Math.max(best, 0.8)
  if (place === 'header' && !/^\s{1,4}["']?(?:\/[a-z?*]|[a-z]:\\)/.test(command.rest)) return best
  if (/^\$\{?shell\}?$/.test(command.name) && option.test(command.rest)) return 0.85
  if (!telling && !commonCommands.has(command.name)) return best
  if (command.broken && telling) return 0.9
  const { rest } = command
  if (command.path && (end.test(rest) || option.test(rest) || operand.test(rest))) return Math.max(best, 0.82)
  if (option.test(rest)) return Math.max(best, telling ? 0.85 : 0.72)
  if (/^\s{1,4}["']?(?:\/[a-z?*]|[a-z]:\\|[./~*]{1,3}\/|https?:)/.test(rest))
    return Math.max(best, telling ? 0.85 : 0.75)
  if (telling && /^\s{0,4}\n\s{0,4}$/.test(rest)) return Math.max(best, 0.72)
  if (runners.has(command.name) && /^\s{1,3}[a-z]/.test(rest)) {
    const second = commandAt(rest, 0)
    if (
      second !== undefined &&
      tellingCommands.has(second.name) &&
      (/^\s{0,2}$/.test(second.rest) || option.test(second.rest) || operand.test(second.rest))
    )
      return Math.max(best, 0.75)
  }
  if (telling && /^\s{1,4}[a-z0-9_.-]{1,40}\s{0,2}[|;&>]/.test(rest) && command.name.length > 2)
    return Math.max(best, 0.6)
  if (
    telling &&
    !products.has(command.name) &&
    /^(?:[ \t]{1,4}(?:-{1,2}[a-z][\w-]{0,20}|[a-z0-9_-]{1,40}\.(?:sh|py|js|rb|pl|php|ya?ml|bat|ps1|exe|jar))){1,6}\s{0,4}$/.test(
      rest,
    )
  )
    return Math.max(best, 0.72)
  if (telling && /^ (?:install|exec|run|decrypt|dump|apply|shell)\s{1,2}[a-z0-9]/.test(rest))
    return Math.max(best, 0.72)
  if (wholes.includes(command.name) && end.test(rest)) return Math.max(best, 0.75)
  return best
}

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
      "''",
      '""',
      ' -',
      '\t-',
      '\t+',
      '"-',
      "'-",
      '"+',
      "'+",
      ' c:',
      ' d:',
      ' e:',
      ' f:',
      ' +',
      'net ',
      'net1 ',
      ...wholes,
      ...[...runners].map((name) => `${name} `),
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
      ' decrypt',
      ' dump',
      ' apply',
      ' shell',
    ],
  ],
  run,
}
