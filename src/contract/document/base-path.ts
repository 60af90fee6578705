import { isObject, type JsonObject, own } from '../schema.ts'
import type { DocumentReader } from './document.ts'

/** Where the contract says that its API is. */
export interface DeclaredServer {
  /** Path of the first server, without a slash at its end. */
  readonly basePath: string
  /** `https://api.example.com`; undefined where the contract names no host. */
  readonly origin: string | undefined
}

const placeholder = 'http://gate.invalid'

/** The first server of a contract: its path is that of the API. */
export function declaredServer(document: JsonObject, reader: DocumentReader): DeclaredServer {
  const servers = own(document, 'servers')
  const first = Array.isArray(servers) && isObject(servers[0]) ? servers[0] : undefined
  let url = first === undefined ? undefined : own(first, 'url')
  if (typeof url !== 'string') return { basePath: '', origin: undefined }
  const variables = first === undefined ? undefined : own(first, 'variables')
  url = url.replaceAll(/\{([^{}]*)\}/g, (_all, name: string) => {
    const variable = isObject(variables) ? own(variables, name) : undefined
    return isObject(variable) ? textOf(own(variable, 'default')) : 'x'
  })
  const parsed = URL.parse(url as string, placeholder)
  if (parsed === null) {
    reader.warn(
      'contract.servers',
      'the first server is not a URL; its path is taken as empty',
      reader.root,
      '/servers/0/url',
    )
    return { basePath: '', origin: undefined }
  }
  const isAbsolute = /^https?:$/.test(parsed.protocol) && parsed.origin !== placeholder
  return {
    basePath: parsed.pathname.replace(/\/+$/, ''),
    origin: isAbsolute ? parsed.origin : undefined,
  }
}

/** A scalar of the document as text; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
