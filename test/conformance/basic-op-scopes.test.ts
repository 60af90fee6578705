import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { happyFlow, shownIn } from './happy-flow.ts'
import { portModule, type Remark } from './port-module.ts'
import { type Suite, startSuite } from './suite.ts'

let suite: Suite
before(async () => {
  suite = await startSuite()
})
after(() => suite.close())

/** Claims that OpenID Connect Core section 5.4 gives each scope. */
const claimsOf: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: [
    ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'profile', 'picture', 'website'],
    ...['gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at', 'preferred_username'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}

portModule('oidcc-scope-profile', () => scopes('openid profile'))
portModule('oidcc-scope-email', () => scopes('openid email'))
portModule('oidcc-scope-address', () => scopes('openid address'))
portModule('oidcc-scope-phone', () => scopes('openid phone'))
portModule('oidcc-scope-all', () => scopes('openid email phone address profile'))
portModule('oidcc-ensure-other-scope-order-succeeds', () => scopes('email openid'))

portModule('oidcc-claims-essential', async () => {
  const claims = JSON.stringify({ userinfo: { name: { essential: true } } })
  const { userInfo, tokens, journey } = await happyFlow(suite, { claims })
  assert.match(journey.pages.at(-1)?.html ?? '', /name/, 'the consent page says so')
  assert.equal(shownIn(journey)[0], 'login')
  assert.equal(userInfo['name'], 'Ada Lovelace')
  assert.equal(tokens.claims['name'], undefined)
  return undefined
})

/** The modules of scopes. The flow runs also where the module would end before it: an unknown scope is no error. */
async function scopes(scope: string): Promise<Remark | undefined> {
  const asked = scope.split(' ')
  const { userInfo, tokens } = await happyFlow(suite, { scope })
  const wanted = asked.flatMap((one) => claimsOf[one] ?? [])
  const missing = wanted.filter((claim) => userInfo[claim] === undefined)
  if (asked.includes('email')) {
    assert.equal(userInfo['email'], suite.op.person.email)
    assert.equal(userInfo['email_verified'], true)
  }
  if (asked.includes('profile')) assert.equal(userInfo['name'], 'Ada Lovelace')
  assert.equal(tokens.claims['email'], undefined, 'claims of UserInfo stay there')
  const offered = suite.metadata['scopes_supported'] as string[]
  const unknown = asked.filter((one) => !offered.includes(one))
  if (unknown.length > 0)
    return {
      result: 'skipped',
      why: `accounts have no ${unknown.join(', ')}, and the scope is not offered; asking for it is no error`,
    }
  if (missing.length > 0) return { result: 'warning', why: `accounts hold no ${missing.join(', ')}` }
  return undefined
}
