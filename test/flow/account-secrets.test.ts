import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { TOTP } from 'otpauth'
import { isRefused } from '../../src/authority/accounts/account.ts'
import { auditEventOf } from '../../src/authority/accounts/audit-event.ts'
import { createAccountsBed, visitOf } from '../../src/authority/accounts/test-bed/accounts-bed.ts'
import { createSoftwareAuthenticator } from '../../src/authority/accounts/test-bed/software-authenticator.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-canaries-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('canaries: no password, code, secret, token or cookie in events, errors, logs or the database', async (t) => {
  const said: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    t.mock.method(stream, 'write', (chunk: string | Uint8Array, ...rest: []) => {
      said.push(String(chunk))
      return write(chunk, ...rest)
    })
  }
  const bed = await createAccountsBed({}, join(folder, 'canaries.db'))
  const { accounts } = bed
  const canaries: string[] = []
  const canary = (text: string): string => {
    canaries.push(text)
    return text
  }
  const email = 'canary-mailbox@mail.example'
  const password = canary('canary one is the first password')
  const next = canary('canary two is the second password')
  const last = canary('canary three is the last password')
  const visit = visitOf({ userAgent: 'test' })

  const { sub } = await bed.signUp(email, password)
  for (const mail of bed.mails)
    for (const [, token] of mail.text.matchAll(/token=([\w-]+)/g)) canary(token ?? '')
  await accounts.signIn(email, canary('canary four is a wrong password'), visit)
  await accounts.signIn('canary-unknown@mail.example', canary('canary five, nobody has it'), visit)
  const signedIn = await accounts.signIn(email, password, visit)
  assert.ok(!isRefused(signedIn))
  canary(signedIn.device)
  await accounts.changePassword(sub, canary('canary six is not the current'), next, visit)
  await accounts.changePassword(sub, password, next, visit)
  const draft = await accounts.totp.begin(sub)
  assert.ok(!isRefused(draft))
  canary(draft.secret)
  await accounts.totp.confirm(sub, canary('918273'), visit)
  const code = new TOTP({ secret: draft.secret }).generate({ timestamp: bed.clock.now() })
  const confirmed = await accounts.totp.confirm(sub, code, visit)
  assert.ok(!isRefused(confirmed))
  for (const one of confirmed.recoveryCodes) canaries.push(one, one.replaceAll('-', ''))
  await accounts.secondFactor(sub, confirmed.recoveryCodes[0] ?? '', visit)
  const authenticator = createSoftwareAuthenticator()
  const options = await accounts.passkeys.beginRegistration(sub)
  assert.ok(!isRefused(options))
  const where = { origin: 'https://api.travel.example', rpId: 'api.travel.example' }
  const answer = authenticator.register({ challenge: canary(options.challenge), ...where })
  assert.ok(!isRefused(await accounts.passkeys.finishRegistration(sub, answer, 'k', visit)))
  await accounts.requestReset(email, visit)
  const token = canary(await bed.mailed())
  assert.equal(await accounts.reset(token, last, visit), undefined)
  const pending = await accounts.register(
    'canary-pending@mail.example',
    canary('canary seven waits for its mail'),
    'N',
    visit,
  )
  assert.equal(pending, undefined)
  canary(await bed.mailed())
  canary((await accounts.people.resetLink(sub, 'test'))?.token ?? '')
  for (const wrong of ['x', canary('canary-token-that-was-never-issued-000000000')])
    await accounts.reset(wrong, last, visit)

  const events = JSON.stringify(bed.events.map((event) => [event, auditEventOf(event, 'authority')]))
  await bed.close()
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'))
  assert.ok(
    files.some((file) => file.includes('canary-mailbox')),
    'the database is what is read',
  )
  assert.ok(canaries.length > 30)
  for (const one of canaries) {
    assert.ok(!events.includes(one), `in events: ${one}`)
    assert.ok(!files.some((file) => file.includes(one)), `in the database: ${one}`)
    assert.ok(!said.some((line) => line.includes(one)), `on the console: ${one}`)
  }
  // Addresses are no secret, yet the record does not need them.
  assert.ok(!events.includes('canary-mailbox') && !events.includes('canary-unknown'))
  t.diagnostic(`${canaries.length} canaries, ${bed.events.length} events`)
})
