import { test } from 'node:test'
import type { ModuleName } from './modules.ts'

/** What the suite would say beside "passed". */
export interface Remark {
  /** `skipped`: the module itself ends early for a server like this one, and says that this is allowed. */
  readonly result: 'warning' | 'skipped'
  readonly why: string
}

/** A module of the suite as a test of its name. Remarks are told as diagnostics, `NAME: RESULT: WHY`, never silently. */
export function portModule(name: ModuleName, run: () => Promise<Remark | undefined>): void {
  test(name, async (t) => {
    const remark = await run()
    if (remark !== undefined) t.diagnostic(`${name}: ${remark.result}: ${remark.why}`)
  })
}
