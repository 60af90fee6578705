import type { DocumentReader } from './document.ts'
import { isObject, type JsonObject, own } from './schema.ts'

/** The path of the first server, without a slash at its end. */
export function basePathOf(document: JsonObject, reader: DocumentReader): string {
  const servers = own(document, 'servers')
  const first = Array.isArray(servers) && isObject(servers[0]) ? servers[0] : undefined
  let url = first === undefined ? undefined : own(first, 'url')
  if (typeof url !== 'string') return ''
  const variables = first === undefined ? undefined : own(first, 'variables')
  url = url.replaceAll(/\{([^{}]*)\}/g, (_all, name: string) => {
    const variable = isObject(variables) ? own(variables, name) : undefined
    return isObject(variable) ? textOf(own(variable, 'default')) : 'x'
  })
  const parsed = URL.parse(url as string, 'http://gate.invalid')
  if (parsed === null) {
    reader.warn(
      'contract.servers',
      'the first server is not a URL; its path is taken as empty',
      reader.root,
      '/servers/0/url',
    )
    return ''
  }
  return parsed.pathname.replace(/\/+$/, '')
}

/** A scalar of the document as text; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
