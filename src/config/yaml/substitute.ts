// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Finding } from '../../kernel/finding.ts'
import { pointerToken, type YamlDocument } from './yaml-document.ts'

export interface Substituted {
  readonly value: unknown
  /** Pointers of texts that hold something from outside the file: never shown. */
  readonly pointers: ReadonlySet<string>
  /** Absolute names of the files read, with the pointer that names each. */
  readonly files: ReadonlyMap<string, string>
  /** What was put in, by how it is written: `${NAME}`. For redaction alone. */
  readonly sources: ReadonlyMap<string, string>
  readonly findings: readonly Finding[]
}

const maxFileBytes = 65_536

/**
 * Puts environment variables (`${NAME}`) and contents of files (`${file:PATH}`, without the newline at the end)
 * into texts. `$${` stands for `${`. What is put in is not looked at again. Rule `config.substitution`.
 */
export function substitute(
  document: YamlDocument,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Substituted {
  const pointers = new Set<string>()
  const files = new Map<string, string>()
  const sources = new Map<string, string>()
  const findings: Finding[] = []
  const complain = (pointer: string, message: string, fix: string): string => {
    findings.push({
      rule: 'config.substitution',
      severity: 'error',
      message,
      place: document.place(pointer),
      fix,
    })
    return ''
  }

  const readSource = (source: string, pointer: string): string => {
    if (source.startsWith('file:')) {
      const name = resolve(folder, source.slice(5))
      files.set(name, pointer)
      const content = readSmall(name)
      if (content instanceof Error)
        return complain(
          pointer,
          `the file in \`\${${source}}\` cannot be used: ${content.message}`,
          'paths are relative to this file',
        )
      return content.replace(/\r?\n$/, '')
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(source))
      return complain(
        pointer,
        'not a name of an environment variable after `${`',
        'write `${NAME}`, `${file:PATH}`, or `$${` for the text itself',
      )
    const value = Object.hasOwn(env, source) ? env[source] : undefined
    return (
      value ??
      complain(
        pointer,
        `the environment variable \`${source}\` is not set`,
        `set ${source}, or write the value here`,
      )
    )
  }

  const replace = (text: string, pointer: string): string => {
    if (!text.includes('${')) return text
    return text.replaceAll(/\$\$\{|\$\{([^}]*)\}?/g, (whole, source: string | undefined) => {
      if (source === undefined) return '${'
      if (!whole.endsWith('}'))
        return complain(pointer, 'a `${` that is not closed', 'write `${NAME}`, or `$${` for the text itself')
      pointers.add(pointer)
      const value = readSource(source, pointer)
      if (value !== '') sources.set(whole, value)
      return value
    })
  }

  const walk = (value: unknown, pointer: string): unknown => {
    if (typeof value === 'string') return replace(value, pointer)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${pointer}/${index}`))
    if (typeof value !== 'object' || value === null) return value
    const object: Record<string, unknown> = Object.create(null)
    for (const [key, child] of Object.entries(value))
      object[key] = walk(child, `${pointer}/${pointerToken(key)}`)
    return object
  }

  const value = walk(document.value, '')
  return { value, pointers, files, sources, findings }
}

function readSmall(name: string): string | Error {
  try {
    const handle = openSync(name, 'r')
    try {
      const stat = fstatSync(handle)
      if (!stat.isFile()) return new Error('it is not a regular file')
      if (stat.size > maxFileBytes) return new Error('it is larger than 64 KiB')
      return readFileSync(handle, 'utf8')
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    return new Error(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : 'it cannot be read',
    )
  }
}
