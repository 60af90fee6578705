import type { Pinned } from './pinned-process.ts'
import type { Site } from './site.ts'

/** What a subject demands of a call, beside passing it on; each is proven before it is measured. */
export type Demand = 'token' | 'owner' | 'clean-input'

/** One server that is measured. */
export interface Subject {
  readonly name: string
  readonly title: string
  /** Debian packages it comes from. */
  readonly packages: readonly string[]
  /** A program or file without which it cannot run. */
  readonly needs: string
  readonly demands: readonly Demand[]
  /** Starts it on the server core, listening on `port`, with the backend at `backend`. */
  start(site: Site, port: number, backend: number): Promise<Pinned>
}
