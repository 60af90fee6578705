import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ClientView, ScopeView } from '../../interaction.ts'
import { layout } from '../layout.ts'
import type { Site, View } from '../site.ts'
import { english } from '../words.ts'
import { checkMailView } from './check-mail.ts'
import { consentView } from './consent.ts'
import { deviceCodeView } from './device-code.ts'
import { deviceConfirmView } from './device-confirm.ts'
import { grantsView } from './grants.ts'
import { loginView } from './login.ts'
import { logoutView } from './logout.ts'
import { mailView } from './mail.ts'
import { messageView } from './message.ts'
import { passkeyView } from './passkey.ts'
import { passkeyAddView } from './passkey-add.ts'
import { problemView } from './problem.ts'
import { profileView } from './profile.ts'
import { recoveryCodesView } from './recovery-codes.ts'
import { registerView } from './register.ts'
import { requestResetView } from './request-reset.ts'
import { resetView } from './reset.ts'
import { secondFactorView } from './second-factor.ts'
import { securityView } from './security.ts'
import { sessionsView } from './sessions.ts'
import { setUpView } from './set-up.ts'
import { totpView } from './totp.ts'
import { verifyView } from './verify.ts'

const site: Site = {
  words: english,
  base: '/auth',
  development: true,
  assets: { style: '/a.css', theme: '/t.css', logo: '/l.svg', named: false, passkeyScript: '/p.js' },
}
const target = { action: '/auth/x', csrf: 'proof' }

/** Every page, with `text` wherever text from outside may come. */
function everyView(text: string): ReadonlyMap<string, View> {
  const client: ClientView = {
    id: text,
    name: text,
    logoUri: text,
    policyUri: 'https://a.example/p',
    tosUri: 'https://a.example/t',
    verified: false,
  }
  const scopes: readonly ScopeView[] = [
    { name: 'openid', resource: undefined, description: undefined, asked: true },
    { name: `a${text}`, resource: `r${text}`, description: text, asked: true },
    { name: `b${text}`, resource: undefined, description: undefined, asked: false },
  ]
  const account = {
    sub: 's',
    email: text,
    emailVerified: true,
    name: text,
    roles: [text],
    disabled: false,
    created: 0,
    secondFactors: [],
  }
  const problem = 'A sentence of ours.'
  return new Map<string, View>([
    [
      'login',
      loginView(site, {
        target,
        links: { register: '/auth/r', reset: '/auth/s', passkey: '/auth/p' },
        client: text,
        email: text,
        again: true,
        problem,
      }),
    ],
    [
      'register',
      registerView(site, {
        target,
        loginLink: '/l',
        email: text,
        name: text,
        problems: { email: problem, password: problem },
      }),
    ],
    ['check-mail', checkMailView(site, { about: 'reset', loginLink: '/l' })],
    ['verify', verifyView(site, { target })],
    ['request-reset', requestResetView(site, { target, loginLink: '/l', email: text, problem })],
    ['reset', resetView(site, { target, problem })],
    ['second-factor', secondFactorView(site, { target, passkeyLink: '/p', restartLink: '/r', problem })],
    ['passkey', passkeyView(site, { target, options: text, passwordLink: '/l', problem })],
    ['passkey-add', passkeyAddView(site, { signOut: target, target, options: text, problem })],
    [
      'consent',
      consentView(site, {
        target,
        client,
        email: text,
        scopes,
        claims: [text],
        resources: [text],
        lifetime: { accessToken: 600, grant: 90 },
        device: true,
      }),
    ],
    ['device-code', deviceCodeView(site, { kind: 'device-code', action: '/d', xsrf: text, problem: 'used' })],
    [
      'device-confirm',
      deviceConfirmView(site, {
        kind: 'device-confirm',
        action: '/d',
        xsrf: text,
        userCode: text,
        shown: text,
        client,
        address: text,
        userAgent: text,
      }),
    ],
    ['logout', logoutView(site, { kind: 'logout', action: '/d', xsrf: text, client })],
    ['message', messageView({ title: 'Done', text: 'It is done.', link: { href: '/l', label: 'On' } })],
    ['problem', problemView(site, { text: problem, error: text, description: text, reference: 'r' })],
    ['set-up', setUpView(site, { target, email: text, problems: { form: problem } })],
    ['mail', mailView(site, { mails: [{ to: text, subject: text, text, time: 0 }] })],
    [
      'profile',
      profileView(site, {
        signOut: target,
        account,
        password: target,
        problems: { current: problem },
        done: problem,
      }),
    ],
    [
      'security',
      securityView(site, {
        signOut: target,
        totp: true,
        totpRemove: target,
        recoveryCodesLeft: 1,
        recoveryCodes: target,
        passkeys: [{ id: text, name: text, created: 0, lastUsed: 1, synced: false }],
        passkeyRemove: target,
        done: problem,
        problem,
      }),
    ],
    [
      'totp',
      totpView(site, {
        signOut: target,
        target,
        draft: { secret: 'ABCDEFGH', uri: 'otpauth://totp/a' },
        problem,
      }),
    ],
    ['recovery-codes', recoveryCodesView(site, { signOut: target, codes: [text] })],
    [
      'sessions',
      sessionsView(site, {
        signOut: target,
        sessions: [
          { id: text, created: 0, lastSeen: Number.NaN, address: text, userAgent: text, current: false },
        ],
        end: target,
        endAll: target,
        done: problem,
      }),
    ],
    [
      'grants',
      grantsView(site, {
        signOut: target,
        grants: [{ id: text, client, scopes, created: 0, expires: 1e15 }],
        revoke: target,
        done: problem,
      }),
    ],
  ])
}

const pages = [...everyView('Plain text')].map(([name, view]) => [name, view, layout(site, view)] as const)

for (const [name, view, page] of pages) {
  test(`${name}: one heading, a title, a language, landmarks`, () => {
    assert.equal(count(page, /<h1/g), 1)
    assert.match(page, /^<!doctype html>\n<html lang="en">/)
    assert.match(page, /<title>[^<]+ · Sallyport<\/title>/)
    assert.equal(count(page, /<main id="main">/g), 1)
    assert.match(page, /<a class="skip" href="#main">/)
    if (view.failed === true) assert.match(page, /<title>Error: /)
  })

  test(`${name}: every field has a label, every id is there once, every description exists`, () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const [input] of page.matchAll(/<input[^>]*>/g)) {
      if (/type="hidden"|type="checkbox"|aria-label=/.test(input)) continue
      const id = /\sid="([^"]*)"/.exec(input)?.[1]
      assert.ok(page.includes(`<label for="${id}">`), input)
      assert.match(input, /autocomplete="[^"]+"/)
    }
    for (const [, described = ''] of page.matchAll(/aria-describedby="([^"]*)"/g))
      for (const id of described.split(' ')) assert.ok(ids.includes(id), id)
  })

  test(`${name}: forms are posted, with a proof; nothing runs and nothing is styled in the page`, () => {
    for (const [form] of page.matchAll(/<form.*?<\/form>/gs)) {
      assert.match(form, /method="post"/)
      assert.match(form, /<input type="hidden" name="(?:csrf|xsrf)" value="[^"]+">/)
      assert.match(form, /<button /)
    }
    assert.doesNotMatch(page, /\sstyle="|\son[a-z]+="|<style/)
    assert.equal(count(page, /<script/g), view.script === true ? 1 : 0)
    for (const [button] of page.matchAll(/<button[^>]*>/g)) assert.match(button, /type="submit"/)
  })
}

test('hostile text changes the shape of no page', () => {
  const expected = new Map(pages.map(([name, , page]) => [name, shapeOf(page)]))
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(
      '"><script>x</script>',
      "'><img src=x onerror=y>",
      '</title><svg onload=x>',
      '{{x}}',
      '<!--',
    ),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      for (const [name, view] of everyView(text)) {
        // A mail's text may hold links, which become links: that is no shape of the page.
        if (name === 'mail' && /https?:/.test(text)) continue
        assert.equal(shapeOf(layout(site, view)), expected.get(name), name)
      }
    }),
    { numRuns: 150 },
  )
})

test('an unknown scope is named as it is, a known one in words, and who defines it is said', () => {
  const page = layout(site, everyView('x').get('consent') ?? assert.fail())
  assert.match(page, /Know that it is you who signed in/)
  assert.match(page, /<code class="scope">bx<\/code>/)
  assert.match(page, /at <bdi>rx<\/bdi>/)
  assert.match(page, /every 10 minutes and ends after 90 seconds/)
})

/** Tags and attribute names, without what they hold. */
function shapeOf(page: string): string {
  return page.replace(/="[^"]*"/g, '=""').replace(/>[^<]+</g, '><')
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length
}
