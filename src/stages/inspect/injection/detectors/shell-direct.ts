import type { View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'
import { compilePrefilter } from '../prefilter.ts'
import { commandAt, isPlain } from './shell-command.ts'
import { commonCommands, tellingCommands } from './shell-commands.ts'
import { end, operand, option } from './shell-judge.ts'
import { shellSigns } from './shell-signs.ts'
import { callers, isTelling, products, readers, runners, spoken, wholes } from './shell-words.ts'

/** A variable that is set and then run. */
const assignment = /(?:^|[^\w$])([a-z_]\w{0,20})=[^;\s=]{1,60}\s{0,4};\s{0,4}\$\{?([a-z_]\w{0,20})/
const assigns = compileSearch(assignment)

/** The marks of all signs, found in one pass. */
const marks = compilePrefilter(shellSigns.map((sign) => sign.marks))
const signs = shellSigns.map((sign) => ({
  ...sign,
  shape: compileSearch(sign.shape),
  bit: marks.bitOf(sign.marks),
}))
/** Characters of a text in which the marks are looked for first. */
const short = 200
const all = { low: -1, high: -1 }

/** A value that is a command as a whole, and signs that stand anywhere. */
export function directCommand(view: View): number {
  const { lower, place } = view
  let best = 0
  const { low, high } = lower.length < short ? marks.scan(lower) : all
  if ((low | high) !== 0)
    for (let i = 0; i < signs.length; i++) {
      const { bit, shape, confidence, quoted } = signs[i] as (typeof signs)[number]
      if (((low & bit.low) | (high & bit.high)) === 0) continue
      if (confidence > best && shape.test(lower)) best = Math.max(best, view.prose ? quoted : confidence)
    }
  const set = lower.includes(';') && assigns.test(lower) ? assignment.exec(lower) : null
  if (set !== null && set[1] === set[2]) best = Math.max(best, view.prose ? 0.5 : 0.82)
  if (lower.length > 400 || best >= 0.8 || view.prose) return best
  const command = isPlain(lower, 0) ? undefined : commandAt(lower, 0)
  if (command === undefined) return best
  const telling = isTelling(command.name)
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
  // One line that ends, as lines of scripts do.
  if (telling && !spoken.has(command.name) && /^ [^\n]{1,80}\n$/.test(rest)) return Math.max(best, 0.72)
  if (telling && /^\s{0,2}\d?>{1,2}\s?[&\w/.]|^\s{1,4}["']?(?:\$[\w({]|%[a-z]{2,20}%)/.test(rest))
    return Math.max(best, 0.76)
  if (
    (callers.has(command.name) || command.name === 'ping') &&
    /^\s{1,4}(?:-{1,2}\w{1,20}\s{1,3}(?:\d{1,5}\s{1,3})?){0,3}\d{1,3}(?:\.\d{1,3}){3}(?:\s|$)/.test(rest)
  )
    return Math.max(best, 0.78)
  if (telling && !spoken.has(command.name) && /^\s{1,4}[a-z0-9_./:-]{1,40}\s{1,3}-{1,2}[a-z]/.test(rest))
    return Math.max(best, 0.75)
  if (
    telling &&
    !spoken.has(command.name) &&
    !products.has(command.name) &&
    /^\s{0,2}[;|]{1,2}\s{0,4}$/.test(rest)
  )
    return Math.max(best, 0.73)
  if (command.name === 'sleep' && /^\s{1,4}\d{1,4}\s{0,4}[;#&|]/.test(rest)) return Math.max(best, 0.75)
  if (
    callers.has(command.name) &&
    /^\s{1,4}[^\s()]{1,80}[./@:][^\s()]{1,80}\)?(?:\s{1,4}\d{1,5})?\s{0,4}$/.test(rest)
  )
    return Math.max(best, 0.75)
  if (
    readers.has(command.name) &&
    /^\s{1,4}\S{1,80}\.(?:php\d?|conf|cfg|ini|xml|ya?ml|txt|log|json|db|sql|env|bak|html?|jsp|aspx?|py|rb|pl|sh|key|pem)\s{0,4}$/.test(
      rest,
    )
  )
    return Math.max(best, 0.75)
  if (command.name === 'chmod' && /^\s{1,4}[0-7]{3,4}\s/.test(rest)) return Math.max(best, 0.8)
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
  if (telling && /^ (?:install|exec|run|clone|decrypt|dump|apply|shell)\s{1,2}[a-z0-9-]/.test(rest))
    return Math.max(best, 0.72)
  if (wholes.includes(command.name) && end.test(rest)) return Math.max(best, 0.75)
  return best
}
