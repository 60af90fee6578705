const two = (value: number): string => String(value).padStart(2, '0')

/** `14:03:07` of the reader's clock, with the day where it is not today. */
export function clock(time: number, now: number = Date.now()): string {
  const at = new Date(time)
  const text = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return new Date(now).toDateString() === at.toDateString() ? text : `${day(time)} ${text}`
}

/** `24 Nov` */
export function day(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

/** `24 Nov 2026, 14:03:07.123` */
export function moment(time: number): string {
  const at = new Date(time)
  const year = at.getFullYear()
  return `${day(time)} ${year}, ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago` */
export function ago(time: number, now: number = Date.now()): string {
  const seconds = Math.round((now - time) / 1000)
  const size = Math.abs(seconds)
  const text =
    size < 60
      ? `${size} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 86_400
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`
  return seconds >= 0 ? `${text} ago` : `in ${text}`
}

const whole = new Intl.NumberFormat('en-GB')
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 })

/** `1,234` */
export function count(value: number): string {
  return whole.format(value)
}

/** `1.2K` from ten thousand on. */
export function compact(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value)
}

/** `84 µs`, `1.3 ms`, `2.1 s` */
export function micros(value: number): string {
  if (value < 1000) return `${Math.round(value)} µs`
  if (value < 1_000_000) return `${trim(value / 1000)} ms`
  return `${trim(value / 1_000_000)} s`
}

export function millis(value: number): string {
  return micros(value * 1000)
}

/** `1.4 kB` */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  if (value < 1_000_000) return `${trim(value / 1000)} kB`
  return `${trim(value / 1_000_000)} MB`
}

export function percent(part: number, all: number): string {
  return all === 0 ? '–' : `${trim((part / all) * 100)} %`
}

function trim(value: number): string {
  return value >= 100 ? whole.format(Math.round(value)) : String(Math.round(value * 10) / 10)
}

/** With a capital letter to begin with. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
