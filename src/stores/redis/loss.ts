import { ErrorReply } from '@redis/client'

/** Answers of a server that cannot serve now: it loads, it is no master, it may not write, it does not know us. */
const cannot =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|MISCONF|NOAUTH|WRONGPASS|NOPERM|TRYAGAIN|NOREPLICAS|UNBLOCKED|MOVED|ASK)\b/

/** False for an answer that is about the command alone. */
export function isLoss(error: unknown): boolean {
  return !(error instanceof ErrorReply) || cannot.test(error.message)
}
