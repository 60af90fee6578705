/** A store whose `nth` call (from 1, whatever the method) rejects, as one does that cannot be reached. */
export function failNthCall<T extends object>(store: T, nth: number): T {
  let calls = 0
  return new Proxy(store, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...values: unknown[]): unknown => {
        if (++calls === nth) return Promise.reject(new Error('store unreachable'))
        return Reflect.apply(member, target, values)
      }
    },
  })
}
