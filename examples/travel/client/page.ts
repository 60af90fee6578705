import type { TravelClient } from './clients.ts'

/** What a browser has at this client. */
export interface Visit {
  readonly client: TravelClient
  readonly subject: string
  readonly email: string
  /** Granted. */
  readonly scopes: readonly string[]
}

/** The last thing that was done. */
export interface Outcome {
  readonly what: string
  readonly answer: string
}

/** A call that the page offers, by its name in the form. */
export interface Offer {
  readonly name: string
  readonly path: string
  readonly words: string
}

export const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff}button{font:inherit;padding:.45rem .8rem;margin:0 .5rem .5rem 0}form{display:inline}pre{background:#f2f2f4;padding:1rem;overflow:auto;white-space:pre-wrap}h2{font-size:1.1rem;margin-top:2rem}'

/** The client's only page. Forms alone, no script. */
export function renderPage(
  clients: readonly TravelClient[],
  offers: readonly Offer[],
  visit: Visit | undefined,
  outcome: Outcome | undefined,
): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Travel client</title><style>${style}</style></head><body><main>
<h1>A client of the travel API</h1>
${visit === undefined ? signIn(clients) : signedIn(visit, offers)}
${outcome === undefined ? '' : `<h2>${escaped(outcome.what)}</h2><pre id="answer">${escaped(outcome.answer)}</pre>`}
</main></body></html>`
}

function signIn(clients: readonly TravelClient[]): string {
  const buttons = clients.map(
    (client) =>
      `<h2>${escaped(client.name)}</h2><p>may ask for <code>${escaped(client.scopes.join(' '))}</code></p>
${button('/login', `Sign in with ${client.name}`, { client: client.id })}
${client.scopes.includes('profile:read') ? '' : button('/login', `Ask for profile:read with ${client.name}`, { client: client.id, more: 'profile:read' })}`,
  )
  return `<p>Nobody is signed in here.</p>${buttons.join('\n')}`
}

function signedIn(visit: Visit, offers: readonly Offer[]): string {
  return `<p>Signed in as <b>${escaped(visit.email)}</b> (subject <code>${escaped(visit.subject)}</code>) with ${escaped(visit.client.name)},
which was granted <code id="granted">${escaped(visit.scopes.join(' '))}</code>.</p>
${offers.map(({ name, words }) => button('/call', words, { name })).join('\n')}
${button('/logout', 'Sign out', {})}`
}

function button(action: string, words: string, fields: Readonly<Record<string, string>>): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return `<form method="post" action="${action}">${hidden.join('')}<button>${escaped(words)}</button></form>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
