import { type ReactNode, useSyncExternalStore } from 'react'
import { ago, moment } from '../words/format.ts'

const everyMs = 15_000
const told = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let tick = 0

/** One clock for all of them: each says anew how long ago it was. */
function subscribe(tell: () => void): () => void {
  told.add(tell)
  timer ??= setInterval(() => {
    tick += 1
    for (const each of told) each()
  }, everyMs)
  return () => {
    told.delete(tell)
    if (told.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** How long ago, with the moment itself to whoever points at it or reads it to a machine. */
export function Time({ at }: { readonly at: number }): ReactNode {
  useSyncExternalStore(subscribe, () => tick)
  return (
    <time dateTime={new Date(at).toISOString()} title={moment(at)}>
      {ago(at)}
    </time>
  )
}
