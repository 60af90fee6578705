import { useCallback, useEffect, useRef, useState } from 'react'
import type { EventsReply } from '../../../src/admin/contract.ts'
import { ask, Refused, search } from '../api/ask.ts'
import type { CallEvent } from '../api/shapes.ts'
import { listen, type StreamState } from '../api/stream.ts'
import { type Filter, matches } from './filter.ts'

/** Most calls that a page keeps. */
const mostCalls = 100_000
const pageSize = 500

export interface Calls {
  /** Newest first. */
  readonly events: readonly CallEvent[]
  readonly loading: boolean
  readonly error: string | undefined
  /** Nothing older is stored, or the page holds all it can. */
  readonly ended: boolean
  readonly stream: StreamState
  /** Calls that came while paused. */
  readonly waiting: number
  readonly missed: number
  more(): void
}

interface State {
  readonly events: readonly CallEvent[]
  readonly next: string | null | undefined
}

/** Stored calls, older ones as they are asked for, and new ones on top as they come. */
export function useCalls(filter: Filter, paused: boolean): Calls {
  const key = JSON.stringify(filter)
  const [state, setState] = useState<State>({ events: [], next: undefined })
  const [loading, setLoading] = useState(true)
  const [error, setError] = useState<string>()
  const [stream, setStream] = useState<StreamState>('connecting')
  const [waiting, setWaiting] = useState(0)
  const [missed, setMissed] = useState(0)
  const held = useRef<readonly CallEvent[]>([])
  const busy = useRef(false)

  const add = useCallback((events: readonly CallEvent[]) => {
    setState((before) => {
      const known = new Set(before.events.slice(0, 2 * pageSize).map(keyOf))
      const fresh = events.filter((event) => !known.has(keyOf(event)))
      return fresh.length === 0
        ? before
        : { ...before, events: [...fresh, ...before.events].slice(0, mostCalls) }
    })
  }, [])

  useEffect(() => {
    const wanted = JSON.parse(key) as Filter
    const asked = new AbortController()
    setState({ events: [], next: undefined })
    setLoading(true)
    setError(undefined)
    held.current = []
    setWaiting(0)
    ask<EventsReply>(`events${search({ ...wanted, limit: pageSize })}`, { signal: asked.signal })
      .then((page) => {
        setState((before) => {
          const known = new Set(before.events.map(keyOf))
          const stored = page.events.filter((event) => !known.has(keyOf(event)))
          return { events: [...before.events, ...stored], next: page.next }
        })
        setLoading(false)
      })
      .catch((error: unknown) => {
        if (asked.signal.aborted) return
        setError(reasonOf(error))
        setLoading(false)
      })
    return () => asked.abort()
  }, [key])

  useEffect(() => {
    if (paused) return
    if (held.current.length > 0) add(held.current)
    held.current = []
    setWaiting(0)
  }, [paused, add])

  useEffect(() => {
    const wanted = JSON.parse(key) as Filter
    return listen({
      state: setStream,
      missed: (count) => setMissed((before) => before + count),
      events(events) {
        const fitting = events.filter((event) => matches(event, wanted))
        if (fitting.length === 0) return
        if (!paused) return add(fitting)
        held.current = [...fitting, ...held.current].slice(0, mostCalls)
        setWaiting(held.current.length)
      },
    })
  }, [key, paused, add])

  const { next } = state
  const more = useCallback(() => {
    if (busy.current || next === null || next === undefined) return
    busy.current = true
    ask<EventsReply>(`events${search({ ...(JSON.parse(key) as Filter), limit: pageSize, before: next })}`)
      .then((page) =>
        setState((before) =>
          before.next === next && before.events.length < mostCalls
            ? { events: [...before.events, ...page.events], next: page.next }
            : before,
        ),
      )
      .catch((error: unknown) => setError(reasonOf(error)))
      .finally(() => {
        busy.current = false
      })
  }, [key, next])

  const ended = next === null || state.events.length >= mostCalls
  return { events: state.events, loading, error, ended, stream, waiting, missed, more }
}

/** Requests that never got an id of their own still have their number. */
function keyOf(event: CallEvent): string {
  return `${event.id} ${event.sequence}`
}

function reasonOf(error: unknown): string {
  if (error instanceof Refused && error.problem?.errors !== undefined)
    return error.problem.errors.map(({ parameter, code }) => `${parameter}: ${code}`).join(', ')
  return error instanceof Error ? error.message : 'unknown'
}
