import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { needsApache, startApache } from '../support/apache.ts'
import { createFormBrowser } from '../support/authority-pages/form-browser.ts'
import { freePort, startOp } from '../support/running-op.ts'

test(
  'G07: Apache with mod_auth_openidc logs in, knows who it is, and refreshes',
  needsApache(),
  async (t) => {
    const op = await startOp()
    t.after(() => op.close())
    const port = await freePort()
    const redirectUri = `http://127.0.0.1:${port}/app/signed-in`
    const client = await op.register('apache', '--name', 'Company pages', '--redirect-uri', redirectUri)
    await using apache = await startApache({
      port,
      authorityFile: op.authorityFile,
      directives: [
        `OIDCProviderMetadataURL ${op.issuer}/.well-known/openid-configuration`,
        `OIDCClientID ${client.id}`,
        `OIDCClientSecret ${client.secret}`,
        `OIDCRedirectURI ${redirectUri}`,
        `OIDCCryptoPassphrase ${randomBytes(16).toString('hex')}`,
        'OIDCScope "openid email"',
        'OIDCPKCEMethod S256',
        'OIDCRemoteUserClaim email',
        'OIDCSSLValidateServer On',
      ],
    })
    const atApache = createFormBrowser(apache.origin)
    // Without it Apache takes the caller for a program, and answers 401.
    const get = (path: string) => atApache.raw(path, { headers: { accept: 'text/html' } })
    const before = await get('/app/')
    assert.equal(before.status, 302, apache.log())
    const asked = new URL(String(before.headers['location']))
    assert.equal(asked.origin + asked.pathname, `${op.issuer}/authorize`)
    assert.equal(asked.searchParams.get('code_challenge_method'), 'S256')

    const { away, pages } = await op.browser().go(asked)
    assert.deepEqual(
      pages.map(({ kind }) => kind),
      ['login', 'consent'],
    )
    assert.match(pages[0]?.html ?? '', /Company pages/)
    if (away === undefined) assert.fail(`the browser stayed at ${pages.at(-1)?.title}`)
    assert.equal(away.origin + away.pathname, redirectUri)

    const back = await get(away.pathname + away.search)
    assert.equal(back.headers['location'], `${apache.origin}/app/`, `${back.status} ${back.body}`)
    const inside = await get('/app/')
    assert.equal(inside.status, 200)
    assert.match(inside.body, /Inside/)
    assert.equal(inside.headers['x-email'], op.person.email)
    assert.match(String(inside.headers['x-user']), /^ada@example\.test/)
    const token = String(inside.headers['x-access-token'])
    assert.ok(token.length > 20)

    const query = new URLSearchParams({ refresh: `${apache.origin}/app/`, access_token: token })
    const refreshed = await get(`/app/signed-in?${query}`)
    assert.equal(refreshed.headers['location'], `${apache.origin}/app/`, 'no error beside it')
    const after = await get('/app/')
    assert.equal(after.status, 200)
    assert.equal(after.headers['x-email'], op.person.email)
    assert.notEqual(after.headers['x-access-token'], token, 'another access token')
  },
)
