// Loaded before the gateway: SIGUSR2 lets the clock of the process jump as the file named in CHAOS_CLOCK says, in
// milliseconds from the true time. Monotonic time goes on.
import { readFileSync } from 'node:fs'

const True = Date
let offset = 0
process.on('SIGUSR2', () => {
  offset = Number(readFileSync(process.env['CHAOS_CLOCK'] ?? '', 'utf8'))
})

// A proxy, so that a date is a date to everybody, and so is what is called without `new`.
globalThis.Date = new Proxy(True, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [True.now() + offset] : given, made),
  get: (target, name) => (name === 'now' ? () => True.now() + offset : Reflect.get(target, name)),
})
