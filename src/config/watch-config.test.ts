import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { watchConfig } from './watch-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-watch-'))
after(() => rmSync(folder, { recursive: true }))
const one = join(folder, 'one.yaml')
const two = join(folder, 'two.yaml')

test('a change of content is told once it is quiet: written, replaced, removed; a mere touch is not', async () => {
  writeFileSync(one, 'a')
  writeFileSync(two, 'b')
  const told: string[][] = []
  let heard: () => void = () => {}
  const watch = watchConfig(
    { files: [one, two] },
    (changed) => {
      told.push([...changed])
      heard()
    },
    { debounceMs: 30, pollMs: 200 },
  )
  // The watcher does not keep the process alive; the test must.
  const alive = setInterval(() => {}, 1000)
  const next = (act: () => void): Promise<void> =>
    new Promise((resolve) => {
      heard = resolve
      act()
    })
  try {
    await next(() => {
      writeFileSync(one, 'a2')
      writeFileSync(one, 'a3')
    })
    await next(() => {
      writeFileSync(`${two}.new`, 'b2')
      renameSync(`${two}.new`, two)
    })
    await next(() => unlinkSync(one))
    assert.deepEqual(told, [[one], [two], [one]])
    writeFileSync(two, 'b2')
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.equal(told.length, 3)
  } finally {
    watch.close()
    clearInterval(alive)
  }
})

test('what goes wrong is reported, never thrown', async () => {
  const errors: Error[] = []
  const missing = join(folder, 'nowhere', 'x.yaml')
  const watch = watchConfig(
    { files: [missing, two] },
    () => {
      throw new Error('reload broke')
    },
    { debounceMs: 20, pollMs: 100, onError: (error) => errors.push(error) },
  )
  const alive = setInterval(() => {}, 1000)
  writeFileSync(two, `${Math.random()}`)
  for (let i = 0; i < 50 && !errors.some((error) => error.message === 'reload broke'); i++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  watch.close()
  clearInterval(alive)
  assert.ok(errors.some((error) => error.message === 'reload broke'))
  assert.ok(errors.length >= 2, 'the folder that is not there was reported too')
})
