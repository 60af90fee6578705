import { isAbsolute, relative, sep } from 'node:path'

/** A file name as shown: relative to the base where it is below it, with forward slashes. */
export function displayPath(file: string, base: string = process.cwd()): string {
  if (!isAbsolute(file)) return file.split(sep).join('/')
  const short = relative(base, file)
  return (short === '' || short.startsWith('..') || isAbsolute(short) ? file : short).split(sep).join('/')
}
