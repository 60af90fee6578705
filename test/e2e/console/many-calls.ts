import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventsReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'

/** The table at its limit. */
export function testManyCalls(scene: ConsoleScene): void {
  test('100,000 calls stay smooth: few rows in the page, frames in time', needsChromium(), async (t) => {
    const [event] = (await scene.get<EventsReply>('events?limit=1')).events
    // Made in the page: as a reply, it would be the test's own transport that is measured.
    const script = `{
      const event = ${JSON.stringify({ ...event, notes: [] })}
      const real = fetch
      const many = () => Array.from({ length: 100_000 }, (_, index) => ({ ...event, id: 'call-' + index, sequence: index }))
      globalThis.fetch = (url, options) => String(url).includes('/events?')
        ? Promise.resolve({ ok: true, status: 200, text: async () => JSON.stringify({ events: many(), next: null }) })
        : real(url, options)
    }`
    const page = await scene.open()
    await page.addInitScript(script)
    await scene.show('/traffic', page)
    await page.waitForSelector('text=100,000 calls')
    const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
      const box = document.querySelector('[data-calls]')
      const times = []
      let last = performance.now()
      const step = (now) => {
        times.push(now - last)
        last = now
        box.scrollTop += box.scrollHeight / 60
        if (times.length < 60) requestAnimationFrame(step)
        else resolve(times)
      }
      requestAnimationFrame(step)
    })`)
    await page.waitForSelector('[data-row="99999"]')
    const rows = await page.locator('[data-row]').count()
    const nodes = Number(await page.evaluate("document.querySelectorAll('*').length"))
    const sorted = frames.toSorted((a, b) => a - b)
    const median = sorted[30] ?? 0
    t.diagnostic(
      `median frame ${median.toFixed(1)} ms, p95 ${sorted[57]?.toFixed(1)} ms, ${rows} rows, ${nodes} nodes`,
    )
    assert.ok(rows > 10 && rows < 80)
    assert.ok(nodes < 1500)
    // A machine that draws nothing else does this in 17 ms; a busy one without a graphics card still well below this.
    assert.ok(median < 100)
    await page.close()
  })
}
