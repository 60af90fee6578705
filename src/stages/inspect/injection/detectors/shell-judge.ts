import type { View } from '../detector.ts'
import { type Command, commandAt } from './shell-command.ts'
import { commonCommands, tellingCommands } from './shell-commands.ts'
import { isTelling, products, runners, spoken } from './shell-words.ts'

/** What only a command is told. */
export const option: RegExp =
  /^\s{0,4}<{2,3}|^ [c-f]:(?:$|[\s|/\\"])|^\s{1,4}(?:\S{1,40}\s{0,2}>{1,2}\s{0,2}\S|["']?(?:-{1,2}[a-z0-9]|--\s{1,2}\S*[/.]|\/[a-z?]|\+[%a-z]|>{1,2}\s{0,2}[/a-z&]|<{1,3}\s{0,2}[/a-z]))/
/** What a command works on. */
export const operand: RegExp =
  /^\s{1,4}["']?(?:[a-z0-9_.~*?$+-]{0,40}[/\\*?$][a-z0-9_.~*?$/\\{}-]{0,80}|\.{1,2}(?:$|[\s;|&])|~(?:$|[\s;|&/])|\d{1,5}(?:$|[\s;|&)`"'])|[a-z0-9-]{1,60}\.[a-z0-9.-]{1,60}|https?:|"|')/
/** Nothing more to the command. */
export const end: RegExp = /^\s{0,4}(?:$|[;|&)`"'#%\\\n\r}>])/

/** How sure a command makes us by what stands before and after it. */
export function judgeCommand(
  command: Command,
  mark: string,
  view: Pick<View, 'prose'>,
  loose: boolean,
  lines: boolean,
  short: boolean,
): number {
  const { name, rest } = command
  // `\n` that lost its backslash on the way.
  if (
    /^n[a-z]{2,8}$/.test(name) &&
    tellingCommands.has(name.slice(1)) &&
    !tellingCommands.has(name) &&
    mark !== '&' &&
    mark !== '\n' &&
    end.test(rest) &&
    !view.prose
  )
    return 0.73
  if (command.glob) return view.prose ? 0.6 : 0.85
  const substitution = mark === '$(' || mark === '`'
  const telling = isTelling(name) || (name.endsWith('.exe') && name.length > 4)
  const known = telling || commonCommands.has(name)
  if (!known) {
    if (command.path) return view.prose ? 0.6 : 0.8
    // An unknown program with options, right after a separator.
    return (mark === ';' || mark === '|' || (substitution && !lines)) &&
      !loose &&
      /^[a-z][a-z0-9_-]{1,20}$/.test(name) &&
      /^\s{1,2}-{1,2}[a-z]/.test(rest) &&
      !view.prose
      ? 0.72
      : 0
  }
  if (mark === '<(' || mark === '>(') return view.prose ? 0.6 : 0.85
  if (command.broken && telling) return 0.92
  if (command.path) return view.prose ? 0.6 : 0.88
  // In Markdown a backtick opens a quotation.
  const weakMark = mark === '{' || mark === '&' || mark === '\n' || loose || (view.prose && mark !== ';')
  if (option.test(rest)) return view.prose && weakMark ? 0.6 : telling ? 0.93 : view.prose ? 0.6 : 0.85
  if (operand.test(rest))
    return view.prose ? (telling && !weakMark ? 0.75 : 0.5) : telling ? 0.9 : weakMark ? 0.6 : 0.75
  if (end.test(rest)) {
    if (view.prose) return telling && substitution ? 0.6 : 0.4
    if (products.has(name) && !substitution) return 0.6
    if (telling)
      return mark === '&' && /^\s{0,4}[=]/.test(rest) ? 0 : substitution ? 0.92 : weakMark ? 0.74 : 0.85
    return substitution ? (mark === '`' ? 0.66 : 0.8) : mark === '|' || mark === ';' ? 0.72 : 0.5
  }
  // A command that runs another one.
  if (runners.has(name) && (mark === ';' || mark === '|' || substitution) && /^\s{1,3}[a-z]/.test(rest)) {
    const second = commandAt(rest, 0)
    if (second !== undefined && isTelling(second.name)) return view.prose ? 0.5 : 0.75
  }
  if ((name === 'which' || name === 'whereis') && mark !== '\n' && mark !== '&' && !view.prose && !loose) {
    const second = commandAt(rest, 0)
    if (second !== undefined && tellingCommands.has(second.name) && end.test(second.rest)) return 0.75
  }
  // A name and a word: only where the name is none of prose.
  if (telling && /^\s{1,4}[a-z0-9_-]{1,40}/.test(rest)) {
    if (view.prose || loose) return 0.5
    if (mark === '{') return 0.5
    if (mark === '\n') return 0.5
    if (mark === '&') return spoken.has(name) || products.has(name) || !short ? 0.5 : 0.73
    return 0.78
  }
  return 0
}
