import { useSyncExternalStore } from 'react'

/** Where the reader is: the part of the address after `#`, which never reaches a server's log. */
export interface Place {
  /** `/traffic/req-1` */
  readonly path: string
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}

function parse(hash: string): Place {
  const text = hash.startsWith('#/') ? hash.slice(1) : '/'
  const mark = text.indexOf('?')
  const path = (mark === -1 ? text : text.slice(0, mark)) || '/'
  const segments = path
    .split('/')
    .filter((one) => one !== '')
    .map(decode)
  return { path, segments, query: new URLSearchParams(mark === -1 ? '' : text.slice(mark + 1)) }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

let current = parse(globalThis.location.hash)
let shown = globalThis.location.hash.startsWith('#/') ? globalThis.location.hash : '#/'

function subscribe(told: () => void): () => void {
  const changed = (): void => {
    const { hash } = globalThis.location
    // A jump inside the page (`#main`): the browser has moved the focus, and the page stays.
    if (hash !== '' && !hash.startsWith('#/')) {
      history.replaceState(null, '', shown)
      return
    }
    shown = hash === '' ? '#/' : hash
    current = parse(globalThis.location.hash)
    told()
  }
  globalThis.addEventListener('hashchange', changed)
  return () => globalThis.removeEventListener('hashchange', changed)
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => current)
}

export type Query = Readonly<Record<string, string | number | undefined>>

/** `hrefOf(['traffic', id], { sub: 'ada' })`: every part is encoded, none can lead elsewhere. */
export function hrefOf(segments: readonly string[], query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  const text = search.toString()
  return `#/${segments.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

/** Goes there; `replace` leaves no step behind. */
export function navigate(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') globalThis.location.hash = href
  else globalThis.location.replace(href)
}
