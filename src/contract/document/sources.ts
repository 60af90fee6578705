import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Unusable } from '../../kernel/finding.ts'
import { isObject } from '../schema.ts'
import { readSource, type Source } from './read-source.ts'

const origin = 'contract://doc/'
const maxFiles = 1_000
const maxTotalBytes = 64 * 1024 * 1024

/** The files of one contract. */
export interface Sources {
  readonly root: Source
  /**
   * The file that a relative reference names. A string is why there is none: files outside the
   * document's folder and anything with a scheme are never read.
   */
  open(reference: string, from: Source): Source | string
}

/** Opens the contract; further files are read when a reference names them. */
export function openSources(file: string, base?: string): Sources {
  const path = base === undefined ? resolve(file) : resolve(base, file)
  const folder = dirname(path)
  const root = readSource(path, file, origin + encodeURI(path.slice(folder.length + 1)))
  const files = new Map<string, Source | string>([[path, root]])
  let bytes = 0

  const read = (target: string): Source | string => {
    const known = files.get(target)
    if (known !== undefined) return known
    if (files.size >= maxFiles) return 'the contract is spread over too many files'
    let source: Source | string
    try {
      const real = realpathSync(target)
      const below = relative(realpathSync(folder), real)
      if (below.startsWith('..') || isAbsolute(below)) source = 'the file lies outside the contract’s folder'
      else {
        const name = relative(folder, target)
        source = readSource(real, join(dirname(file), name), origin + encodeURI(name.split(sep).join('/')))
        bytes += source.length
        if (bytes > maxTotalBytes) source = 'the contract’s files are too large together'
      }
    } catch (error) {
      source = error instanceof Unusable ? error.message : 'there is no such file'
    }
    files.set(target, source)
    return source
  }

  return {
    root,
    open(reference, from) {
      if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(reference)) return 'references to other hosts are never fetched'
      if (reference.startsWith('/') || reference.includes('\\') || reference.includes('\0'))
        return 'absolute paths are not followed'
      const here = dirname(decodeURI(from.uri.slice(origin.length)))
      let name: string
      try {
        name = decodeURIComponent(reference)
      } catch {
        return 'the reference does not decode'
      }
      const target = resolve(folder, here, name)
      const below = relative(folder, target)
      if (below === '' || below.startsWith('..') || isAbsolute(below))
        return 'the file lies outside the contract’s folder'
      return read(target)
    },
  }
}

/** The value at the fragment of a reference: empty, or a JSON pointer (RFC 6901 §6). */
export function valueAt(root: unknown, fragment: string): unknown {
  if (fragment === '') return root
  if (!fragment.startsWith('/')) return undefined
  let text = fragment
  if (text.includes('%')) {
    try {
      text = decodeURIComponent(text)
    } catch {
      return undefined
    }
  }
  let node = root
  for (const raw of text.slice(1).split('/')) {
    const token = raw.includes('~') ? raw.replaceAll('~1', '/').replaceAll('~0', '~') : raw
    if (Array.isArray(node)) node = /^(0|[1-9]\d{0,8})$/.test(token) ? node[Number(token)] : undefined
    else if (isObject(node)) node = Object.hasOwn(node, token) ? node[token] : undefined
    else return undefined
  }
  return node
}
