import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { checkErrorAtClient } from './checks.ts'
import { happyFlow, sameSignIn, shownIn } from './happy-flow.ts'
import { portModule } from './port-module.ts'
import { ask, type Suite, startSuite, travel } from './suite.ts'

let suite: Suite
before(async () => {
  suite = await startSuite()
})
after(() => suite.close())

portModule('oidcc-display-page', () => ignored({ display: 'page' }))
portModule('oidcc-display-popup', () => ignored({ display: 'popup' }))
portModule('oidcc-ui-locales', () => ignored({ ui_locales: 'se' }))
portModule('oidcc-claims-locales', () => ignored({ claims_locales: 'se' }))
portModule('oidcc-ensure-request-with-unknown-parameter-succeeds', () => ignored({ extra: 'foobar' }))

portModule('oidcc-login-hint', async () => {
  const hint = `buffy@${new URL(suite.op.issuer).hostname}`
  const { journey } = await happyFlow(suite, { login_hint: hint })
  assert.ok(journey.pages[0]?.html.includes(`value="${hint}"`), 'the login page has it filled in')
  return undefined
})

portModule('oidcc-ensure-request-with-acr-values-succeeds', async () => {
  const offered = suite.metadata['acr_values_supported'] as string[]
  const { tokens } = await happyFlow(suite, { acr_values: offered.join(' ') })
  assert.ok(offered.includes(String(tokens.claims['acr'])), `acr is ${tokens.claims['acr']}`)
  return undefined
})

portModule('oidcc-prompt-login', async () => {
  const browser = suite.op.browser()
  const first = await happyFlow(suite, {}, { browser })
  await wait(1_100)
  const second = await happyFlow(suite, { prompt: 'login' }, { browser })
  assert.equal(shownIn(second.journey)[0], 'login', 'the login page is shown a second time')
  assert.match(second.journey.pages[0]?.html ?? '', /sign in again/i)
  const [before, after] = [first.tokens.claims['auth_time'], second.tokens.claims['auth_time']]
  assert.ok(before === undefined || after === undefined || Number(after) > Number(before))
  return undefined
})

portModule('oidcc-prompt-none-not-logged-in', async () => {
  const asked = ask(suite, { prompt: 'none', state: 'x'.repeat(128) })
  const { away, pages } = await travel(suite, asked)
  assert.deepEqual(pages, [])
  const error = checkErrorAtClient(suite, asked, away)
  assert.match(error, /^(login_required|interaction_required|account_selection_required|consent_required)$/)
  return undefined
})

portModule('oidcc-prompt-none-logged-in', async () => {
  await sameSignIn(suite, {}, () => ({ prompt: 'none' }))
  return undefined
})

portModule('oidcc-id-token-hint', async () => {
  await sameSignIn(suite, {}, ({ tokens }) => ({ prompt: 'none', id_token_hint: tokens.idToken }))
  return undefined
})

portModule('oidcc-max-age-1', async () => {
  const browser = suite.op.browser()
  const first = await happyFlow(suite, { max_age: '15000' }, { browser })
  await wait(2_000)
  const second = await happyFlow(suite, { max_age: '1' }, { browser })
  assert.equal(shownIn(second.journey)[0], 'login', 'the login page is shown a second time')
  const [before, after] = [first.tokens.claims['auth_time'], second.tokens.claims['auth_time']]
  assert.ok(Number(after) > Number(before))
  assert.ok(Math.abs(Number(after) - Date.now() / 1000) < 30, 'recent')
  return undefined
})

portModule('oidcc-max-age-10000', async () => {
  const flows = await sameSignIn(suite, { max_age: '15000' }, () => ({ max_age: '10000' }))
  const times = flows.map(({ tokens }) => tokens.claims['auth_time'])
  assert.ok(Number.isSafeInteger(times[0]))
  assert.equal(times[1], times[0])
  return undefined
})

/** A parameter whose use must not be an error; who has no session sees the login page. */
async function ignored(changes: Readonly<Record<string, string>>): Promise<undefined> {
  const { journey } = await happyFlow(suite, changes)
  assert.equal(shownIn(journey)[0], 'login')
  return undefined
}
