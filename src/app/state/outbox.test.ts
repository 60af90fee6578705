import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createOutbox } from './outbox.ts'

test('rows arrive in their order and in few writes, also when the database is away meanwhile', async () => {
  const written: number[][] = []
  const faults: unknown[] = []
  let away = true
  const outbox = createOutbox<number>({
    async write(rows) {
      await wait(1)
      if (away) throw new Error('away')
      written.push([...rows])
    },
    onFault: (error) => faults.push(error),
    flushMs: 5,
    retryMs: 5,
  })
  for (let n = 0; n < 700; n++) outbox.add(n)
  while (faults.length < 2) await wait(5)
  assert.ok(outbox.busy)
  await assert.rejects(outbox.flush(), /away/)
  away = false
  while (outbox.busy) await wait(5)
  assert.deepEqual(
    written.map(({ length }) => length),
    [500, 200],
  )
  assert.deepEqual(
    written.flat(),
    Array.from({ length: 700 }, (_, n) => n),
  )
  outbox.add(700)
  await outbox.close()
  assert.deepEqual(written.at(-1), [700])
})

test('what waits too long is bounded: the oldest go', async () => {
  const written: number[] = []
  const outbox = createOutbox<number>({
    write: async (rows) => void written.push(...rows),
    onFault: () => undefined,
    most: 3,
  })
  for (let n = 0; n < 5; n++) outbox.add(n)
  await outbox.flush()
  assert.deepEqual(written, [2, 3, 4])
})
