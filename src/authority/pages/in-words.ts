import { type Html, html } from './html.ts'

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** `600` → `10 minutes`: the largest unit that keeps the number whole, or the nearest below. */
export function inDuration(language: string, seconds: number): string {
  const [unit, size] = units.find(([, length]) => seconds >= length && seconds % length === 0) ??
    units.find(([, length]) => seconds >= length) ?? ['second', 1]
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(seconds / size),
  )
}

/** A day, `24 November 2026`. `time` is milliseconds since the epoch. */
export function inDate(language: string, time: number): Html {
  return shown(language, time, { dateStyle: 'long' })
}

/** Day and time of day in UTC, because the server does not know where the reader is. */
export function inMoment(language: string, time: number): Html {
  return shown(language, time, { dateStyle: 'medium', timeStyle: 'short' }, ' UTC')
}

function shown(language: string, time: number, style: Intl.DateTimeFormatOptions, zone = ''): Html {
  const date = new Date(Number.isFinite(time) ? Math.min(Math.max(time, 0), 8e15) : 0)
  const words = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { ...style, timeZone: 'UTC' })
  return html`<time datetime="${date.toISOString()}">${words.format(date)}${zone}</time>`
}

const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** `Firefox on Linux`, as far as a user agent string tells; the start of the string where it does not. */
export function inBrowser(userAgent: string): string {
  const name = (list: readonly (readonly [RegExp, string])[]): string | undefined =>
    list.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = name(browsers)
  const system = name(systems)
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`
  return userAgent === '' ? (system ?? '?') : userAgent.slice(0, 60)
}
