import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorkQueue } from './work-queue.ts'

function bed(over: { concurrency?: number; places?: number } = {}) {
  let now = 0
  const queue = createWorkQueue({ concurrency: 1, places: 8, longestWaitMs: 100, now: () => now, ...over })
  const started: string[] = []
  const ends: (() => void)[] = []
  const run = (name: string, urgent = false) =>
    queue.run(() => {
      started.push(name)
      return new Promise<string>((resolve) => ends.push(() => resolve(name)))
    }, urgent)
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    queue,
    started,
    run,
    settle,
    pass: (ms: number) => {
      now += ms
    },
    async end() {
      ends.shift()?.()
      await settle()
    },
  }
}

test('only so many run; urgent ones come first, each lane in its order', async () => {
  const { run, started, end, settle, queue } = bed({ concurrency: 2 })
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name))
  const urgent = run('u', true)
  await settle()
  assert.deepEqual([started, queue.running, queue.waiting], [['a', 'b'], 2, 3])
  for (let i = 0; i < 5; i++) await end()
  assert.deepEqual(started, ['a', 'b', 'u', 'c', 'd'])
  assert.deepEqual(await Promise.all([...all, urgent]), ['a', 'b', 'c', 'd', 'u'])
  assert.deepEqual([queue.running, queue.waiting], [0, 0])
})

test('three quarters of the places are for anybody, all for the urgent; beyond is told at once', async () => {
  const { run, queue, end } = bed({ places: 8 })
  const first = run('first')
  const waiting = Array.from({ length: 6 }, (_, i) => run(`w${i}`))
  assert.equal(await run('seventh'), undefined)
  const urgent = [run('u1', true), run('u2', true)]
  assert.equal(await run('u3', true), undefined)
  assert.equal(queue.waiting, 8)
  for (let i = 0; i < 9; i++) await end()
  await Promise.all([first, ...waiting, ...urgent])
})

test('who waited too long is not run any more', async () => {
  const { run, started, end, pass, queue } = bed()
  const first = run('first')
  const late = [run('late1'), run('late2')]
  pass(101)
  const inTime = run('in time')
  await end()
  assert.deepEqual(await Promise.all(late), [undefined, undefined])
  await end()
  assert.equal(await first, 'first')
  assert.equal(await inTime, 'in time')
  assert.deepEqual(started, ['first', 'in time'])
  assert.equal(queue.running, 0)
})

test('a task that fails gives its place back', async () => {
  const { queue } = bed()
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  await assert.rejects(
    queue.run(() => {
      throw new Error('thrown')
    }),
    /thrown/,
  )
  assert.equal(await queue.run(async () => 'yes'), 'yes')
  assert.equal(queue.running, 0)
})
