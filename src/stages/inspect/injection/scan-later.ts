import { setImmediate } from 'node:timers/promises'
import { isSettled, type Scan, scanText } from './scan-value.ts'
import type { Waiting } from './waiting.ts'

/** Characters that are scanned at a stretch, and how many of them two neighbours share. */
const window = 32_768
const overlap = 512
/** Milliseconds after which other calls get their turn. */
const stretch = 8

/** Scans many texts, long ones in windows, without keeping the event loop for long. */
export async function scanLater(scan: Scan, waiting: readonly Waiting[]): Promise<void> {
  let since = performance.now()
  for (const { text, context } of waiting) {
    for (let from = 0; from === 0 || from < text.length - overlap; from += window - overlap) {
      scanText(scan, text.length <= window ? text : text.slice(from, from + window), context)
      if (isSettled(scan)) return
      if (text.length <= window) break
      if (performance.now() - since > stretch) {
        await setImmediate()
        since = performance.now()
      }
    }
    if (performance.now() - since > stretch) {
      await setImmediate()
      since = performance.now()
    }
  }
}
