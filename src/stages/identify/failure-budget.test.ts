import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFailureBudget, type FailureBudgetOptions } from './failure-budget.ts'

function budgetWith(over: Partial<FailureBudgetOptions> = {}) {
  let time = 1_000
  const budget = createFailureBudget({
    clock: { now: () => time, monotonic: () => time },
    networkOf: (address) => address.split('.').slice(0, 3).join('.'),
    network: { burst: 3, perSecond: 1 },
    strangers: { burst: 6, perSecond: 1 },
    holdMs: 0,
    ...over,
  })
  const fail = (address: string, times = 1): void => {
    for (let i = 0; i < times; i++) budget.settle(address, 'bad', false)
  }
  const pass = (ms: number): void => {
    time += ms
  }
  return { budget, fail, pass }
}

const code = (answer: object | undefined): unknown =>
  answer === undefined ? undefined : (answer as { code?: unknown }).code

test('a network that sent as many bad tokens as it may is judged again as time goes by, and no faster', () => {
  const { budget, fail, pass } = budgetWith()
  fail('10.0.0.1', 2)
  assert.equal(budget.admit('10.0.0.9', 'new'), undefined)
  fail('10.0.0.2')
  for (const address of ['10.0.0.1', '10.0.0.200'])
    assert.equal(code(budget.admit(address, 'new')), 'LIMIT_RATE')
  pass(500)
  assert.equal(code(budget.admit('10.0.0.1', 'new')), 'LIMIT_RATE')
  pass(600)
  assert.equal(budget.admit('10.0.0.1', 'new'), undefined)
  fail('10.0.0.1')
  assert.equal(code(budget.admit('10.0.0.1', 'new')), 'LIMIT_RATE')
})

test('what was good before is judged as ever, also from a network that is spent', () => {
  const { budget, fail } = budgetWith()
  budget.settle('10.0.0.1', 'mine', true)
  fail('10.0.0.1', 10)
  assert.equal(budget.admit('10.0.0.1', 'mine'), undefined)
  assert.equal(budget.admit('172.16.0.1', 'mine'), undefined, 'from elsewhere too')
  assert.equal(code(budget.admit('10.0.0.1', 'other')), 'LIMIT_RATE')
})

test('many networks together leave room for those from which a good token came', () => {
  const { budget, fail, pass } = budgetWith()
  budget.settle('192.0.2.1', 'mine', true)
  fail('10.0.1.1', 2)
  fail('10.0.2.1', 2)
  fail('10.0.3.1', 2)
  assert.equal(code(budget.admit('10.0.4.1', 'new')), 'LIMIT_RATE', 'a network that nobody knows')
  assert.equal(budget.admit('192.0.2.7', 'new'), undefined)
  pass(1_100)
  assert.equal(budget.admit('10.0.4.1', 'new'), undefined)
})

test('a refusal takes its time, so that one connection sends few; only so many are held', async () => {
  const { budget, fail } = budgetWith({ holdMs: 60, held: 2 })
  fail('10.0.0.1', 3)
  const start = performance.now()
  const answers = [1, 2, 3].map(() => budget.admit('10.0.0.1', 'new'))
  assert.ok(answers[0] instanceof Promise && answers[1] instanceof Promise)
  assert.equal(code(answers[2]), 'LIMIT_RATE', 'no place to be held')
  // The pause holds no process: here the test has to.
  const keep = setInterval(() => undefined, 10)
  assert.equal(code(await answers[0]), 'LIMIT_RATE')
  assert.equal(code(await answers[1]), 'LIMIT_RATE')
  clearInterval(keep)
  assert.ok(performance.now() - start >= 55)
  assert.ok(budget.admit('10.0.0.1', 'new') instanceof Promise, 'places are given back')
})

test('a flood of networks costs a fixed amount of memory', () => {
  const { budget, fail } = budgetWith()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 200_000; i++) fail(`${i % 251}.${i % 241}.${i % 239}.1`)
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1_048_576)
  assert.equal(code(budget.admit('203.0.113.9', 'new')), 'LIMIT_RATE')
})
