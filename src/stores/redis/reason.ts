/** Says what is wrong: errors of the client and of servers hold neither addresses with passwords nor keys. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0])
  return error.message === '' ? error.name : error.message
}
