import type { ReactNode } from 'react'
import type { CallEvent } from '../api/shapes.ts'
import { Pill, type Tone } from '../parts/parts.tsx'
import { watchedOf } from '../words/why.ts'

/** Refused, passed though watched, failed behind the gate, or passed. */
export function toneOf(event: CallEvent): Tone {
  if (event.code !== undefined) return /^(FORWARD|GATEWAY)_/.test(event.code) ? 'failed' : 'denied'
  if (watchedOf(event).length > 0) return 'observed'
  return event.status >= 500 ? 'failed' : 'allowed'
}

const words: Readonly<Record<Tone, string>> = {
  plain: '',
  allowed: 'passed',
  denied: 'refused',
  observed: 'watched',
  failed: 'failed',
}

export function Verdict({ event }: { readonly event: CallEvent }): ReactNode {
  const tone = toneOf(event)
  return (
    <Pill tone={tone}>
      <span className="num">{event.status}</span> {words[tone]}
    </Pill>
  )
}
