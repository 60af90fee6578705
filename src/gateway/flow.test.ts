import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivedCall, openGate } from '../../test/flow/fakes.ts'
import type { Progress, Reply } from '../kernel/facts.ts'
import { Fault } from '../kernel/fault.ts'
import { type Denial, deny } from '../kernel/verdict.ts'
import { flow } from './flow.ts'
import type { Gate } from './gate.ts'

type StageName =
  | 'own'
  | 'match'
  | 'identify'
  | 'authorize'
  | 'authorizeInput'
  | 'limit'
  | 'limitInput'
  | 'inspect'
  | 'forward'
  | 'screen'
  | 'share'

/** A gate in which one stage behaves as told, and which counts forwarded calls and conclusions. */
function brokenGate(stage: StageName, run: () => never | Denial) {
  const seen = {
    forwarded: 0,
    concluded: [] as { reached: Progress; reply: Reply; denial: Denial | undefined }[],
  }
  const open = openGate()
  const bad = { run: run as () => Denial }
  const gate: Gate = openGate({
    ...(stage === 'own' && { own: run as () => never }),
    ...(stage === 'match' && { match: run as () => Denial }),
    ...(stage === 'identify' && { identify: bad }),
    ...(stage === 'authorize' && { authorize: { ...open.authorize, ...bad } }),
    ...(stage === 'authorizeInput' && { authorize: { ...open.authorize, runInput: run as () => Denial } }),
    ...(stage === 'limit' && { limit: { ...open.limit, ...bad } }),
    ...(stage === 'limitInput' && { limit: { ...open.limit, runInput: run as () => Denial } }),
    ...(stage === 'inspect' && { inspect: { ...open.inspect, ...bad } }),
    ...(stage === 'screen' && { screen: bad }),
    forward: {
      run: () => {
        seen.forwarded++
        return stage === 'forward' ? run() : open.forward.run({} as never)
      },
    },
    conclude: (reached, reply, denial) => seen.concluded.push({ reached, reply, denial }),
  })
  return { gate, seen }
}

const stages: readonly StageName[] = [
  'own',
  'match',
  'identify',
  'authorize',
  'limit',
  'inspect',
  'authorizeInput',
  'limitInput',
  'forward',
  'screen',
]
const before = new Set<StageName>([
  'own',
  'match',
  'identify',
  'authorize',
  'limit',
  'inspect',
  'authorizeInput',
  'limitInput',
])

test('a call that every stage lets pass gets the screened reply', async () => {
  const { gate, seen } = brokenGate('own', () => undefined as never)
  const reply = await flow(gate, arrivedCall())
  assert.equal(reply.status, 200)
  assert.equal(seen.concluded.length, 1)
  assert.equal(seen.concluded[0]?.denial, undefined)
})

for (const stage of stages) {
  test(`an exception in ${stage} is a recorded 503, and nothing is forwarded before it`, async () => {
    const { gate, seen } = brokenGate(stage, () => {
      throw new Error('boom secret-token')
    })
    const reply = await flow(gate, arrivedCall())
    assert.equal(reply.status, 503)
    assert.match(String(reply.body), /GATEWAY_FAULT/)
    assert.doesNotMatch(String(reply.body), /boom|secret/)
    assert.equal(seen.concluded.length, 1)
    assert.equal(seen.concluded[0]?.denial?.code, 'GATEWAY_FAULT')
    assert.equal(seen.forwarded, before.has(stage) ? 0 : 1)
  })

  if (stage === 'own') continue
  test(`a refusal of ${stage} ends the call there`, async () => {
    const { gate, seen } = brokenGate(stage, () => deny('AUTHORIZE_OBJECT', 'test', 'not yours'))
    const reply = await flow(gate, arrivedCall())
    assert.equal(reply.status, 403)
    assert.doesNotMatch(String(reply.body), /not yours/)
    assert.equal(seen.concluded.length, 1)
    assert.equal(seen.forwarded, before.has(stage) ? 0 : 1)
  })
}

test('a fault keeps its own code', async () => {
  const { gate } = brokenGate('inspect', () => {
    throw new Fault('LISTEN_TIMEOUT', 'listen.body', 'slow')
  })
  const reply = await flow(gate, arrivedCall())
  assert.equal(reply.status, 408)
  assert.equal(reply.close, true)
})

test('a rejected promise is a fault as well', async () => {
  const gate = openGate({ identify: { run: () => Promise.reject(new Error('late')) } })
  assert.equal((await flow(gate, arrivedCall())).status, 503)
})
