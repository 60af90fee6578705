import { parentPort } from 'node:worker_threads'
import { createContextDetector } from './detect/detector.ts'
import type { ScanJob, ScanResult } from './scan-thread.ts'
import { treatText } from './treat-text.ts'

// Reads the texts of large replies beside the event loop.
const detector = createContextDetector()
const port = parentPort
port?.on('message', ({ n, texts, options }: ScanJob) => {
  const result: ScanResult = { n, treated: texts.map((text) => treatText(detector, text, options)) }
  port.postMessage(result)
})
