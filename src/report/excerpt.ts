import { printable } from './printable.ts'

const width = 100

/** The line of a place with a caret under its column; values of secret keys are blotted out. */
export function excerpt(source: string, line: number, column: number): readonly string[] {
  const text = source.split(/\r\n|\n|\r/, line).at(-1)
  if (text === undefined || source === '') return []
  const blotted = blot(text.replaceAll('\t', ' '))
  const from = column > width - 20 ? column - 1 - Math.floor(width / 2) : 0
  const shown = printable(blotted.slice(from, from + width))
  const number = String(line)
  return [
    `${number} | ${shown}`,
    `${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, column - 1 - from))}^`,
  ]
}

/** A secret that is written into a file must not go on into a build log. */
function blot(line: string): string {
  return line.replace(
    /((?:secret|password|passphrase|token|private_?key)["']?\s*:\s*["']?)(?!\$\{)([^\s"',{}][^"',}]*)/gi,
    (_all, before: string, value: string) => before + '•'.repeat(value.length),
  )
}
