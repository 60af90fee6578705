import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { clientViewOf } from './client-view.ts'
import type { Pages, ProtocolPage } from './interaction.ts'

/** The page sources of the protocol server, drawn by our pages. */
export interface ProtocolPages {
  readonly renderError: NonNullable<Configuration['renderError']>
  readonly logout: (ctx: KoaContextWithOIDC, form: string) => void
  readonly loggedOut: (ctx: KoaContextWithOIDC) => void
  readonly deviceInput: (ctx: KoaContextWithOIDC, form: string, out?: object, error?: Error) => void
  readonly deviceConfirm: (
    ctx: KoaContextWithOIDC,
    form: string,
    client: object,
    device: Record<string, unknown>,
    shown: string,
  ) => void
  readonly deviceDone: (ctx: KoaContextWithOIDC) => void
}

/** No script, no frame, nothing from elsewhere: what a page may do that states nothing else. */
const strict =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

export function createProtocolPages(pages: () => Pages | undefined): ProtocolPages {
  function show(ctx: KoaContextWithOIDC, page: ProtocolPage): void {
    const drawn = pages()?.render(page) ?? { html: plain(page) }
    ctx.type = 'html'
    ctx.set('Content-Security-Policy', 'csp' in drawn && drawn.csp !== undefined ? drawn.csp : strict)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = drawn.html
  }
  const secretOf = (ctx: KoaContextWithOIDC): string => {
    const secret = ctx.oidc.session?.state?.['secret']
    return typeof secret === 'string' ? secret : ''
  }
  const optionalClient = (ctx: KoaContextWithOIDC) =>
    ctx.oidc.client === undefined ? undefined : clientViewOf(ctx.oidc.client)

  return {
    renderError(ctx, out) {
      show(ctx, {
        kind: 'error',
        status: ctx.status,
        error: String(out.error),
        description: out.error_description === undefined ? undefined : String(out.error_description),
      })
    },
    logout(ctx) {
      const redirectUri = ctx.oidc.session?.state?.['postLogoutRedirectUri']
      show(ctx, {
        kind: 'logout',
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: secretOf(ctx),
        client: optionalClient(ctx),
        redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined,
      })
    },
    loggedOut(ctx) {
      show(ctx, { kind: 'logged-out', client: optionalClient(ctx) })
    },
    deviceInput(ctx, _form, _out, error) {
      show(ctx, {
        kind: 'device-code',
        action: ctx.oidc.urlFor('code_verification'),
        xsrf: secretOf(ctx),
        problem: problemOf(error),
      })
    },
    deviceConfirm(ctx, _form, client, device, shown) {
      const { user_code: userCode } = ctx.oidc.params ?? {}
      show(ctx, {
        kind: 'device-confirm',
        action: ctx.oidc.urlFor('code_verification'),
        xsrf: secretOf(ctx),
        userCode: typeof userCode === 'string' ? userCode : shown,
        shown,
        client: clientViewOf(client),
        address: typeof device['address'] === 'string' ? device['address'] : undefined,
        userAgent: typeof device['userAgent'] === 'string' ? device['userAgent'] : undefined,
      })
    },
    deviceDone(ctx) {
      const client = ctx.oidc.client
      if (client !== undefined) show(ctx, { kind: 'device-done', client: clientViewOf(client) })
    },
  }
}

type DeviceProblem = Extract<ProtocolPage, { kind: 'device-code' }>['problem']

function problemOf(error: Error | undefined): DeviceProblem {
  switch (error?.name) {
    case undefined:
      return undefined
    case 'NotFoundError':
    case 'NoCodeError':
      return 'wrong'
    case 'ExpiredError':
      return 'expired'
    case 'AlreadyUsedError':
      return 'used'
    case 'AbortedError':
      return 'aborted'
    default:
      return 'failed'
  }
}

/** Before pages are there (and in tests of the protocol alone): a sentence, nothing from outside in it. */
function plain(page: ProtocolPage): string {
  return `<!doctype html><html lang="en"><title>${page.kind}</title><p>${page.kind === 'error' ? 'This request cannot be answered.' : page.kind}</p></html>`
}
