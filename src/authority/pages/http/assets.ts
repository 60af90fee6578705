import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import type { Site } from '../site.ts'

/** Files of the operator that change how the pages look. Absolute names. */
export interface Theme {
  readonly css?: string | undefined
  readonly logo?: string | undefined
}

/** Style, logo and script, each under a name that holds the hash of its content: kept by browsers for good. */
export interface Assets {
  readonly paths: Site['assets']
  /** True where the path is an asset's; the reply is sent. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean
}

const types: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.webp', 'image/webp'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
])

const mostBytes = 1_048_576

/** Reads the files at start. Throws where a file of the theme is missing, too large, or of another kind. */
export function createAssets(base: string, theme: Theme): Assets {
  const files = new Map<string, { readonly type: string; readonly bytes: Buffer }>()
  const add = (stem: string, file: string | URL, kinds: readonly string[]): string => {
    const extension = extname(typeof file === 'string' ? file : file.pathname).toLowerCase()
    const type = kinds.includes(extension) ? types.get(extension) : undefined
    if (type === undefined) throw new TypeError(`authority.theme: ${stem} must be one of ${kinds.join(', ')}`)
    const bytes = readFileSync(file)
    if (bytes.length > mostBytes) throw new RangeError(`authority.theme: ${stem} is larger than 1 MiB`)
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const path = `${base}/assets/${stem}.${hash}${extension}`
    files.set(path, { type, bytes })
    return path
  }
  const own = (name: string): URL => new URL(`../assets/${name}`, import.meta.url)
  const images = ['.svg', '.png', '.webp', '.jpg', '.jpeg']
  return {
    paths: {
      style: add('pages', own('pages.css'), ['.css']),
      theme: theme.css === undefined ? undefined : add('theme', theme.css, ['.css']),
      logo: add('logo', theme.logo ?? own('logo.svg'), images),
      named: theme.logo !== undefined,
      passkeyScript: add('passkeys', own('passkeys.js'), ['.js']),
    },
    serve(request, response, path) {
      const file = files.get(path)
      if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
      response.setHeader('Content-Type', file.type)
      response.setHeader('Content-Length', file.bytes.length)
      response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
      response.setHeader('X-Content-Type-Options', 'nosniff')
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
      response.setHeader('Referrer-Policy', 'no-referrer')
      // A logo may be an SVG, which would run its scripts if a browser opened it as a page.
      response.setHeader(
        'Content-Security-Policy',
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
      )
      response.end(request.method === 'HEAD' ? undefined : file.bytes)
      return true
    },
  }
}
