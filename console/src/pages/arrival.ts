import type { SessionRequest } from '../../../src/admin/contract.ts'

const { search, hash } = globalThis.location
const query = new URLSearchParams(search)
const setup = /^#setup=([\w.~-]{8,512})$/.exec(hash)?.[1]

// What signs somebody in is good once and must not stay in the address, nor be sent on by it.
if (search !== '' || setup !== undefined)
  history.replaceState(null, '', `/${setup === undefined ? hash : ''}`)

/** True where the address brought something that signs in: whoever is here already wants to be somebody else. */
export function hasArrival(): boolean {
  return arrival !== undefined
}

let arrival: SessionRequest | 'given-up' | undefined = read()

function read(): SessionRequest | 'given-up' | undefined {
  const [code, state] = [query.get('code'), query.get('state')]
  if (code !== null && state !== null) return { kind: 'code', code, state }
  if (setup !== undefined) return { kind: 'setup', token: setup }
  return query.has('error') ? 'given-up' : undefined
}

/** What the address brought when the page was opened: a set-up link, or the way back from signing in. Once. */
export function takeArrival(): SessionRequest | 'given-up' | undefined {
  const taken = arrival
  arrival = undefined
  return taken
}
