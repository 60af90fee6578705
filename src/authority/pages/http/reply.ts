import type { ServerResponse } from 'node:http'
import { layout } from '../layout.ts'
import type { Site, View } from '../site.ts'

export interface PageHead {
  readonly status?: number
  /** Redirect target of the client, whose origin a form may lead to. */
  readonly redirectUri?: string | undefined
  readonly allow?: string
  readonly retryAfterMs?: number | undefined
}

/** Every reply of the pages. `secure`: the issuer is https. */
export interface Replies {
  page(response: ServerResponse, view: View, head?: PageHead): void
  /** 303 to a path of this server: POST becomes GET, and no body goes along (RFC 9700 §4.12). */
  redirect(response: ServerResponse, path: string): void
}

export function createReplies(site: Site, secure: boolean): Replies {
  const always = (response: ServerResponse): void => {
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('X-Frame-Options', 'DENY')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    response.setHeader(
      'Permissions-Policy',
      'camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
    )
    if (secure) response.setHeader('Strict-Transport-Security', 'max-age=63072000')
  }
  return {
    page(response, view, head = {}) {
      always(response)
      response.statusCode = head.status ?? 200
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.setHeader(
        'Content-Security-Policy',
        contentSecurityPolicy(view.script === true, head.redirectUri),
      )
      if (head.allow !== undefined) response.setHeader('Allow', head.allow)
      if (head.retryAfterMs !== undefined)
        response.setHeader('Retry-After', String(Math.max(1, Math.ceil(head.retryAfterMs / 1000))))
      response.end(layout(site, view))
    },
    redirect(response, path) {
      if (!/^\/(?![/\\])[\w/?=&.-]*$/.test(path)) throw new TypeError('a redirect stays on this server')
      always(response)
      response.statusCode = 303
      response.setHeader('Location', path)
      response.setHeader('Content-Length', '0')
      response.end()
    },
  }
}

/**
 * Nothing is loaded but our style, images and, on the passkey pages, our one script; nothing frames the page; forms go to
 * this server, and on to the client that asked, because browsers hold redirects after a POST to `form-action` too.
 */
export function contentSecurityPolicy(script: boolean, redirectUri?: string): string {
  const target = redirectUri === undefined ? '' : ` ${formTarget(redirectUri)}`
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action 'self'${target}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    ...(script ? ["script-src 'self'", "require-trusted-types-for 'script'"] : []),
  ].join('; ')
}

/** `https://app.example/cb?x` → `https://app.example`; `com.example.app:/cb` → `com.example.app:`. */
function formTarget(redirectUri: string): string {
  const url = URL.parse(redirectUri)
  if (url === null) return ''
  const target = url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : url.protocol
  return /^[\w.:/[\]+-]+$/.test(target) && !/^(?:javascript|data|blob|vbscript):/.test(target) ? target : ''
}
