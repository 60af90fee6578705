import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTravelGate, type TravelGate } from '../../test/support/travel-gate.ts'
import { bookTrip, poisonedReview } from './agent.ts'

let travel: TravelGate
before(async () => {
  travel = await startTravelGate()
  const response = await fetch(`${travel.url}/reviews/lisbon`, {
    method: 'POST',
    headers: { authorization: `Bearer ${travel.tokens.bob}`, 'content-type': 'application/json' },
    body: JSON.stringify({ stars: 5, text: poisonedReview }),
  })
  assert.equal(response.status, 201)
})
after(() => travel.close())

test('without the gate, the agent does what a review tells it', async () => {
  const run = await bookTrip(travel.upstream.url, travel.tokens.alice, 'lisbon')
  assert.deepEqual(run, { booking: 201, obeyed: [201] })
})

test('through the gate it cannot, and the honest booking happens', async () => {
  const run = await bookTrip(travel.url, travel.tokens.alice, 'lisbon')
  assert.equal(run.booking, 201)
  assert.deepEqual(run.obeyed, [403])
})

test('what an agent names of its own accord is not refused', async () => {
  const response = await fetch(`${travel.url}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${travel.tokens.bob}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'https://hooks.own-company.example/travel' }),
  })
  assert.notEqual(response.status, 403)
})
