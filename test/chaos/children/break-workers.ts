// Loaded before the gateway, in each of its threads: SIGUSR1 breaks one of them, as the file named in CHAOS_WORKERS says:
// `terminate` from outside, `exit` inside, or `throw` what nobody catches; `events` ends the thread that writes them.
import { readFileSync } from 'node:fs'
import { isMainThread, threadId, type Worker } from 'node:worker_threads'

interface Told {
  readonly who: number
  readonly what: string
}

const channel = new BroadcastChannel('sallyport-chaos')
if (isMainThread) {
  const threads = new Set<Worker>()
  process.on('worker', (thread: Worker) => {
    threads.add(thread)
    thread.once('exit', () => threads.delete(thread))
  })
  process.on('SIGUSR1', () => {
    const what = readFileSync(process.env['CHAOS_WORKERS'] ?? '', 'utf8')
    const name = what === 'events' ? /^sallyport-events$/ : /^sallyport-\d+$/
    const oldest = [...threads].find(({ threadName }) => name.test(threadName ?? ''))
    if (what === 'terminate' || what === 'events') void oldest?.terminate()
    else channel.postMessage({ who: oldest?.threadId ?? 0, what } satisfies Told)
  })
} else {
  channel.onmessage = (event) => {
    const { who, what } = (event as unknown as { data: Told }).data
    if (who !== threadId) return
    if (what === 'exit') process.exit(3)
    setImmediate(() => {
      throw new Error('told to fail')
    })
  }
}
;(channel as unknown as { unref(): void }).unref()
