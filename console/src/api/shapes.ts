import type { EventReply, EventsReply } from '../../../src/admin/contract.ts'

/** One call, as lists have it. */
export type CallEvent = EventsReply['events'][number]
/** One call with every check. */
export type WholeCall = EventReply
