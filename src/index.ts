/** The public names of the package. */
export type { App } from './app/app.ts'
export { createApp } from './app/app.ts'
export type { Guarded, GuardedRequest, InProcessGate } from './app/create-gate.ts'
export { createGate } from './app/create-gate.ts'
export { loadConfig } from './config/load-config.ts'
export type { LoadedConfig } from './config/loaded-config.ts'
export { Unusable } from './kernel/finding.ts'
