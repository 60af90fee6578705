import { ErrorReply } from '@redis/client'

/** Answers of a server that cannot serve now: it loads, it is no master, it may not write, it does not know us. */
const cannot =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|MISCONF|NOAUTH|WRONGPASS|NOPERM|TRYAGAIN|NOREPLICAS|UNBLOCKED|MOVED|ASK)\b/

/** False for an answer that is about the command alone. */
export function isLoss(error: unknown): boolean {
  return !(error instanceof ErrorReply) || cannot.test(error.message)
}

/** Says what is wrong: errors of the client and of servers hold neither addresses with passwords nor keys. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0])
  return error.message === '' ? error.name : error.message
}
