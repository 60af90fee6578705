import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Broken, EventMessages } from './event-messages.ts'

interface Told {
  readonly out: string
  readonly seen: unknown[]
}

/** What leaves of chunks, with a judge that ends the stream at `{ last: true }` and refuses `{ bad: true }`. */
async function run(chunks: readonly (string | Buffer)[], asked = true): Promise<Told> {
  const seen: unknown[] = []
  let over = false
  const events = new EventMessages({
    message(message) {
      seen.push(message)
      if ((message as { bad?: boolean }).bad === true) throw new Broken('bad', 'SCREEN_CONTEXT')
      if ((message as { last?: boolean }).last === true) over = true
      return message
    },
    isOver: () => over,
    last: (broken) => (asked ? { error: broken.message } : undefined),
  })
  let out = ''
  events.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  let failed: Error | undefined
  events.on('error', (error) => {
    failed = error
  })
  const closed = new Promise((resolve) => events.once('close', resolve))
  for (const chunk of chunks) if (!events.writableEnded && !events.destroyed) events.write(chunk)
  if (!events.writableEnded && !events.destroyed) events.end()
  await closed
  // Only a stream that answers nothing breaks off.
  if (asked) assert.equal(failed, undefined)
  return { out, seen }
}

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

describe('events are read as their readers read them', () => {
  test('however they are cut, and whatever ends their lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ a: fc.string({ unit: 'grapheme', maxLength: 12 }) }), { maxLength: 6 }),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(400), { maxLength: 8 }),
        async (messages, newline, at) => {
          const bytes = Buffer.from(messages.map(event).join('').replaceAll('\n', newline))
          const cuts = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b)
          const chunks = [...cuts, bytes.length].map((to, i) => bytes.subarray(i === 0 ? 0 : cuts[i - 1], to))
          const { out, seen } = await run([...chunks, Buffer.from(event({ last: true }))])
          assert.equal(JSON.stringify(seen), JSON.stringify([...messages, { last: true }]))
          assert.equal(out, [...messages, { last: true }].map(event).join(''))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('nothing passes beside the messages that were judged', async () => {
    // Each of these would be a message to a reader, in the place of a comment, an id or an unknown field.
    for (const smuggled of [
      ': x\rdata: {"leak":1}\r\r',
      'event: x\rdata: {"leak":1}\r\rid: y\n\n',
      'id: a\rdata: {"bad":true}\r\r',
      'leak: 1\n\n',
      ': leak\n\n',
      'event: leak leak\n\n',
      'data:leak\n\n',
    ]) {
      const { out, seen } = await run([smuggled, event({ last: true })])
      const judged = JSON.stringify(seen)
      assert.ok(!out.includes('leak') || judged.includes('leak'), `${smuggled}: ${out}`)
    }
  })

  test('the answer is the last of it', async () => {
    const { out, seen } = await run([event({ last: true }) + event({ more: 1 }), event({ more: 2 })])
    assert.deepEqual(seen, [{ last: true }])
    assert.equal(out, event({ last: true }))
  })

  test('what ends a stream is said', async () => {
    for (const [chunks, reason] of [
      [[event({ a: 1 })], 'the stream ended without an answer'],
      [['data: {"a":'], 'the stream ended without an answer'],
      [[event({ bad: true }) + event({ last: true })], 'bad'],
      [['data: {a}\n\n'], 'an event that is not JSON'],
      [[Buffer.from([0xff, 0xfe, 10, 10])], 'events that cannot be read'],
      [[`data: "${'x'.repeat(5 << 20)}`], 'an event above the limit'],
      [Array.from({ length: 6 }, () => `data: ${'x'.repeat(1 << 20)}\n`), 'an event above the limit'],
    ] as const) {
      const { out } = await run(chunks)
      assert.ok(out.endsWith(event({ error: reason })), `${reason}: ${out.slice(-80)}`)
    }
    assert.deepEqual(await run(['data: {a}\n\n'], false), { out: '', seen: [] })
  })

  test('time is linear in what is held', async () => {
    const chunks = Array.from({ length: 20_000 }, () => 'data: xxxxxxxxxxxxxxxxxxxx')
    const started = performance.now()
    await run(chunks)
    assert.ok(performance.now() - started < 5_000)
  })
})
