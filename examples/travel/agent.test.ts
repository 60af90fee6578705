import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTravelGate, type TravelGate } from '../../test/support/travel-gate.ts'
import { bookTrip, poisonedReviews } from './agent.ts'

let travel: TravelGate
before(async () => {
  travel = await startTravelGate()
  // Whoever poisons reviews need not come through the gate.
  for (const text of poisonedReviews) {
    const response = await fetch(`${travel.upstream.url}/reviews/lisbon`, {
      method: 'POST',
      headers: { authorization: `Bearer ${travel.tokens.bob}`, 'content-type': 'application/json' },
      body: JSON.stringify({ stars: 5, text }),
    })
    assert.equal(response.status, 201)
  }
})
after(() => travel.close())

test('through the gate nothing goes to the attacker, and the honest booking happens', async () => {
  const run = await bookTrip(travel.url, travel.tokens.alice, 'lisbon')
  // The hidden order is never read; the one in plain sight is obeyed, and refused.
  assert.deepEqual(run, { booking: 201, obeyed: [403] })
})

test('without the gate, the agent does what reviews tell it, hidden or not', async () => {
  const run = await bookTrip(travel.upstream.url, travel.tokens.alice, 'lisbon')
  assert.equal(run.booking, 201)
  assert.deepEqual([...run.obeyed].sort(), [201, 201, 201])
})

test('what an agent names of its own accord is not refused', async () => {
  const response = await fetch(`${travel.url}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${travel.tokens.bob}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'https://hooks.own-company.example/travel' }),
  })
  assert.notEqual(response.status, 403)
})

test('the reader is told whose texts they are, and that something was found', async () => {
  const reviewsOf = (city: string): Promise<Response> =>
    fetch(`${travel.url}/reviews/${city}`, {
      headers: { authorization: `Bearer ${travel.tokens.alice}` },
    })
  const shown = await reviewsOf('oslo')
  assert.equal(shown.headers.get('context-trust'), 'user-generated;source="listReviews";schema=pass')
  assert.match(shown.headers.get('context-risk') ?? '', /verdict=flagged/)
  // A bare task is none that words betray; it stood where nobody sees it, and is gone.
  const hidden = await reviewsOf('lisbon')
  assert.match(hidden.headers.get('context-sanitized') ?? '', /html-comment=\d/)
  assert.doesNotMatch(await hidden.text(), /IBAN/)
})
