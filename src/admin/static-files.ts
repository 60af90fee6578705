import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Files of the console. */
export interface StaticFiles {
  /** Answers where the path is a file's, or that of a page of the console; false where it is neither. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean
  /** Resolves when what can be compressed is; until then it is sent as it is. */
  readonly ready: Promise<void>
}

interface File {
  readonly type: string
  readonly etag: string
  /** Its name changes with its content. */
  readonly forever: boolean
  readonly plain: Buffer
  brotli: Buffer | undefined
  gzip: Buffer | undefined
}

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
])

/**
 * Nothing from elsewhere, no script or style but our files, no frame, no form that goes anywhere. Text that is about to be
 * read as markup goes through the one policy that console/src/trusted-text.ts makes, which lets no angle bracket pass.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ')

const mostFiles = 2_000
const mostBytes = 32 * 1_048_576
/** Paths of the API, where a page of the console never is. */
const ownPaths = /^\/(?:api|metrics|healthz|readyz|\.well-known)(?:\/|$)/

/**
 * Reads a folder of built files once: what is served is what was there at the start, by exact path, so that no path leads
 * anywhere else. Links and names that begin with a dot are left out. Undefined where there is no `index.html`. Throws
 * `Error` for a folder that is larger than any console.
 */
export function loadStaticFiles(folder: string): StaticFiles | undefined {
  const files = new Map<string, File>()
  let bytes = 0

  function read(directory: string, path: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const full = join(directory, entry.name)
      if (entry.isDirectory()) read(full, `${path}${entry.name}/`)
      const type = types.get(extname(entry.name).toLowerCase())
      if (!entry.isFile() || type === undefined) continue
      const plain = readFileSync(full)
      bytes += plain.length
      if (files.size >= mostFiles || bytes > mostBytes) throw new Error('the console is too large')
      files.set(`${path}${entry.name}`, {
        type,
        plain,
        etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
        forever: /[.-][A-Za-z0-9_-]{8,}\.\w+$/.test(entry.name) && path.startsWith('/assets/'),
        brotli: undefined,
        gzip: undefined,
      })
    }
  }

  try {
    read(folder, '/')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const index = files.get('/index.html')
  if (index === undefined) return undefined

  return {
    ready: compress([...files.values()]),
    answer(request, response, path) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false
      const file = files.get(path) ?? (isPage(request, path) ? index : undefined)
      if (file === undefined) return false
      send(request, response, file)
      return true
    },
  }
}

/** A page of the console is drawn by its script: the same file for each. */
function isPage({ headers }: IncomingMessage, path: string): boolean {
  if (path === '/') return true
  return (
    (headers.accept ?? '').includes('text/html') &&
    !ownPaths.test(path) &&
    path.length <= 1_024 &&
    !path.includes('//') &&
    /^\/[A-Za-z0-9_~@:%/-]+$/.test(path)
  )
}

function send(request: IncomingMessage, response: ServerResponse, file: File): void {
  const { headers } = request
  response.setHeader('Cache-Control', file.forever ? 'public, max-age=31536000, immutable' : 'no-cache')
  response.setHeader('ETag', file.etag)
  response.setHeader('Vary', 'Accept-Encoding')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  response.setHeader('Content-Security-Policy', pagePolicy)
  if (headers['if-none-match'] === file.etag) {
    response.statusCode = 304
    response.end()
    return
  }
  const accepts = String(headers['accept-encoding'] ?? '')
  const coded = /\bbr\b/.test(accepts) && file.brotli !== undefined ? 'br' : undefined
  const zipped = coded === undefined && /\bgzip\b/.test(accepts) && file.gzip !== undefined ? 'gzip' : coded
  const body = zipped === 'br' ? file.brotli : zipped === 'gzip' ? file.gzip : file.plain
  if (zipped !== undefined) response.setHeader('Content-Encoding', zipped)
  response.setHeader('Content-Type', file.type)
  response.setHeader('Content-Length', body?.length ?? 0)
  response.end(body)
}

/** One after the other, off this thread: calls go on meanwhile. */
async function compress(files: readonly File[]): Promise<void> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  for (const file of files) {
    if (file.plain.length < 1_024 || !/^(?:text|application|image\/svg)/.test(file.type)) continue
    const brotli = await promisify(brotliCompress)(file.plain, { params })
    if (brotli.length < file.plain.length) file.brotli = brotli
    const zipped = await promisify(gzip)(file.plain)
    if (zipped.length < file.plain.length) file.gzip = zipped
  }
}
