import type { AuditEvent } from '../../../kernel/event.ts'
import type { AnomalySubject } from './finding.ts'
import type { Say } from './say.ts'
import type { Caller } from './subjects.ts'

const hour = 60 * 60_000

/** Watches how much a caller takes, beside what it and others usually take in an hour. */
export function createVolumeWatch(
  say: Say,
): (event: AuditEvent, caller: Caller, subject: AnomalySubject) => void {
  let usualBytes = 0

  function volume(event: AuditEvent, caller: Caller, subject: AnomalySubject): void {
    const now = Math.floor(event.time / hour)
    if (caller.hour !== now) {
      if (caller.hour >= 0) {
        caller.usualBytes += Math.max(0.1, 1 / (caller.hours + 1)) * (caller.bytes - caller.usualBytes)
        caller.hours++
        usualBytes += 0.002 * (caller.bytes - usualBytes)
      }
      caller.hour = now
      caller.bytes = 0
    }
    caller.bytes += event.bytesOut
    const bound = Math.max(20e6, 8 * caller.usualBytes, 20 * usualBytes)
    if (caller.bytes > bound)
      say(
        event,
        'exfiltration',
        subject,
        caller.bytes / bound,
        `took ${(caller.bytes / 1e6).toFixed(0)} MB within an hour; usual for it are ${(caller.usualBytes / 1e6).toFixed(1)} MB`,
        { bytes: caller.bytes, usual: Math.round(caller.usualBytes) },
        caller.last,
      )
  }

  return volume
}
