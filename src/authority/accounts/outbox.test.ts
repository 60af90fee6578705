import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mail } from '../../kernel/mailer.ts'
import { createOutbox } from './outbox.ts'

const mail = (to: string): Mail => ({ to, subject: 's', text: 't' })

test('a mail is tried three times, then given up; close waits for what is under way', async () => {
  let tries = 0
  let failed = 0
  const sent: string[] = []
  const outbox = createOutbox(
    {
      async send({ to }) {
        tries++
        if (to === 'never' || (to === 'later' && tries < 3)) throw new Error('no')
        sent.push(to)
      },
    },
    () => failed++,
    1,
  )
  for (const to of ['later', 'never', 'now']) outbox.push(mail(to))
  await outbox.close()
  assert.deepEqual([...sent].sort(), ['later', 'now'])
  assert.equal(failed, 1)
})

test('four at once, a thousand wait, more are given up at once; pushing takes no time', async () => {
  let atOnce = 0
  let most = 0
  let failed = 0
  const outbox = createOutbox(
    {
      async send() {
        most = Math.max(most, ++atOnce)
        await new Promise((resolve) => setImmediate(resolve))
        atOnce--
      },
    },
    () => failed++,
  )
  for (let i = 0; i < 1_100; i++) outbox.push(mail('x'))
  assert.equal(failed, 100)
  await outbox.close()
  assert.equal(most, 4)
})
