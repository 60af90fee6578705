// A worker that fails when it is told to, on the channel `sallyport-test`: for one worker at a time.
import { threadId, workerData } from 'node:worker_threads'

const told = new BroadcastChannel('sallyport-test')
told.onmessage = (event) => {
  const { who, what } = (event as unknown as { data: { who: number; what: 'throw' | 'exit' } }).data
  if (who !== threadId) return
  if (what === 'exit') process.exit(3)
  setImmediate(() => {
    throw new Error('told to fail')
  })
}
;(told as unknown as { unref(): void }).unref()
// Workers after the first two end as they begin, where the file that this variable names is there.
const { existsSync } = await import('node:fs')
const sick = process.env['SALLYPORT_TEST_SICK']
if (sick !== undefined && (workerData as { owner: number }).owner > 3 && existsSync(sick)) process.exit(4)
await import('../../../src/app/workers/worker.ts')
