import assert from 'node:assert/strict'
import type { Journey, UserAgent } from '../support/user-agent.ts'
import { type CheckedTokens, checkStandardClaims, checkTokens } from './checks.ts'
import {
  type Asked,
  ask,
  callUserInfo,
  codeOf,
  redeem,
  type Suite,
  type SuiteClient,
  travel,
} from './suite.ts'

export interface HappyFlow {
  readonly asked: Asked
  readonly journey: Journey
  readonly code: string
  readonly tokens: CheckedTokens
  readonly userInfo: Readonly<Record<string, unknown>>
}

export interface HowToFlow {
  readonly client?: SuiteClient
  readonly browser?: UserAgent
  readonly method?: 'GET' | 'POST'
  /** Further parameters of the token request. */
  readonly redeem?: Readonly<Record<string, string>>
}

/** One authorization to its end, with the checks that every module makes; UserInfo must answer and name the same subject. */
export async function happyFlow(
  suite: Suite,
  changes: Readonly<Record<string, string | undefined>> = {},
  how: HowToFlow = {},
): Promise<HappyFlow> {
  const asked = ask(suite, changes, how.client)
  const journey = await travel(suite, asked, how.browser, how.method)
  const code = codeOf(suite, asked, journey)
  const tokens = await checkTokens(suite, asked, await redeem(suite, asked, code, how.redeem))
  const { status, headers, body } = await callUserInfo(suite, tokens.accessToken)
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
  assert.equal(body['sub'], tokens.claims.sub)
  checkStandardClaims(body)
  return { asked, journey, code, tokens, userInfo: body }
}

/** Kinds of the pages that were shown, in order. */
export function shownIn(journey: Journey): readonly string[] {
  return journey.pages.map(({ kind }) => kind)
}

/** Two authorizations in one browser: the second shows no login page, and both tokens tell of one sign-in. */
export async function sameSignIn(
  suite: Suite,
  first: Readonly<Record<string, string>>,
  second: (first: HappyFlow) => Readonly<Record<string, string>>,
): Promise<readonly [HappyFlow, HappyFlow]> {
  const browser = suite.op.browser()
  const one = await happyFlow(suite, first, { browser })
  const two = await happyFlow(suite, second(one), { browser })
  assert.deepEqual(shownIn(two.journey), [], 'no page the second time')
  assert.equal(two.tokens.claims.sub, one.tokens.claims.sub)
  const [before, after] = [one.tokens.claims['auth_time'], two.tokens.claims['auth_time']]
  assert.ok(before === undefined || after === undefined || before === after)
  return [one, two]
}
