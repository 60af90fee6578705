import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplayStore } from '../../src/kernel/replay.ts'

export interface ReplayStoreFactory {
  /** A store with room for at least this many keys; a second call may give the same store where it is shared. */
  create(capacity: number): ReplayStore | Promise<ReplayStore>
  /** False where the store keeps time itself, so that a test cannot move it. */
  readonly movableTime?: boolean
}

/** What every replay store promises. */
export function replayStoreSuite(name: string, factory: ReplayStoreFactory): void {
  const unique = (): string => `${Date.now()}-${Math.random()}`

  test(`${name}: a key is fresh once`, async () => {
    const store = await factory.create(1000)
    const key = unique()
    assert.equal(await store.admit(key, 60_000, 1000), 'fresh')
    for (let i = 0; i < 3; i++) assert.equal(await store.admit(key, 60_000, 1000 + i), 'seen')
    assert.equal(await store.admit(`${key} `, 60_000, 1000), 'fresh')
    assert.equal(await store.admit('', 60_000, 1000), 'fresh')
  })

  test(`${name}: of many at the same moment one is fresh`, async () => {
    const store = await factory.create(1000)
    const key = unique()
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.admit(key, 60_000, 5)))
    assert.equal(answers.filter((answer) => answer === 'fresh').length, 1)
    assert.ok(answers.every((answer) => answer === 'fresh' || answer === 'seen'))
  })

  test(`${name}: what a key is made of does not matter`, async () => {
    const store = await factory.create(1000)
    const base = unique()
    for (const tail of ['\0', '\n', ' ', '%', 'é', '\ud800', '*', 'a'.repeat(2000), '__proto__'])
      assert.equal(await store.admit(base + tail, 60_000, 1), 'fresh', JSON.stringify(tail.slice(0, 10)))
    for (const tail of ['\0', '\n', '__proto__'])
      assert.equal(await store.admit(base + tail, 60_000, 1), 'seen')
  })

  if (factory.movableTime !== false)
    test(`${name}: a key is known for its time, and then forgotten`, async () => {
      const store = await factory.create(1000)
      const key = unique()
      assert.equal(await store.admit(key, 1000, 0), 'fresh')
      assert.equal(await store.admit(key, 1000, 999), 'seen')
      assert.equal(await store.admit(key, 1000, 1000), 'fresh')
    })

  test(`${name}: a full store forgets nothing that is still known`, async () => {
    const store = await factory.create(64)
    const base = unique()
    const fresh: string[] = []
    for (let i = 0; i < 500; i++) {
      const key = `${base} ${i}`
      const answer = await store.admit(key, 60_000, 10)
      assert.notEqual(answer, 'seen')
      if (answer === 'fresh') fresh.push(key)
    }
    assert.ok(fresh.length >= 40)
    for (const key of fresh) assert.equal(await store.admit(key, 60_000, 20), 'seen')
  })
}
