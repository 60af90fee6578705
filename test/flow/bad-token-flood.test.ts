import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
before(async () => {
  gateway = await startGateway({ contract: thingsContract })
})
after(() => gateway?.close())

async function call(
  token: string,
): Promise<{ status: number; code: string | undefined; retry: string | null }> {
  const reply = await fetch(`${gateway.url}/things/1`, { headers: { authorization: `Bearer ${token}` } })
  const { code } = (await reply.json()) as { code?: string }
  return { status: reply.status, code, retry: reply.headers.get('retry-after') }
}

test('a flood of bad tokens is no longer judged; who was let in before notices nothing', async () => {
  const known = await gateway.token({ jti: 'known' })
  assert.equal((await call(known)).status, 200)
  const unsigned = known.slice(0, known.lastIndexOf('.'))
  const answers = new Map<string, number>()
  const refused = (): number => answers.get('429 LIMIT_RATE') ?? 0
  let rounds = 0
  for (; rounds < 40 && refused() < 30; rounds++) {
    const bad = await Promise.all(
      Array.from({ length: 60 }, () => call(`${unsigned}.${randomBytes(64).toString('base64url')}`)),
    )
    for (const { status, code, retry } of bad) {
      const name = `${status} ${code}`
      answers.set(name, (answers.get(name) ?? 0) + 1)
      assert.ok(status !== 429 || Number(retry) >= 1)
    }
    assert.equal((await call(known)).status, 200)
  }
  assert.deepEqual([...answers.keys()].sort(), ['401 IDENTIFY_TOKEN_INVALID', '429 LIMIT_RATE'])
  assert.ok((answers.get('401 IDENTIFY_TOKEN_INVALID') ?? 0) >= 300, 'the budget is used first')
  assert.ok(refused() >= 30)
  assert.equal(gateway.upstream.seen.length, rounds + 1, 'nothing else was forwarded')
})
