import type { State } from '../app/state/state.ts'
import { parseDuration } from '../config/values/parse-duration.ts'
import type { ApiKey, ApiKeyPatch } from '../kernel/api-key.ts'
import { renderTable } from '../report/render-table.ts'
import { viewOf } from './api-key-view.ts'
import { type Call, type Command, textOf, textsOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const keysCommand: Command = {
  name: 'keys',
  summary: 'API keys that the gateway issues: create, list, disable, enable, rotate, revoke',
  help: `
Usage: sallyport keys create --name N --owner O [--scope "a b"] [--role R] [--expires 90d|never]
       sallyport keys list
       sallyport keys disable|enable|revoke ID
       sallyport keys rotate ID [--overlap 24h]

Works on the durable store of the configuration, also while the gateway runs: it knows within a second.
A key is shown once, when it is made or rotated, on standard output; only its digest is kept.

      --name N         what the key is for
      --owner O        who answers for it: a team, a client
      --scope "a b"    scopes that the contract's operations ask for
      --role R         a role; may be repeated
      --expires D      lifetime, or \`never\` (default 90d)
      --overlap D      how long the secret before still works (default 24h)
      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    name: { type: 'string' },
    owner: { type: 'string' },
    scope: { type: 'string' },
    role: { type: 'string', multiple: true },
    expires: { type: 'string', default: '90d' },
    overlap: { type: 'string', default: '24h' },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action = '', id, ...more] = call.positionals
    const run = actions.get(action)
    if (run === undefined) throw new Misuse(`keys: write one of ${[...actions.keys()].join(', ')}`)
    if (more.length > 0) throw new Misuse(`keys ${action}: one ID at a time`)
    return withState(textOf(call.values, 'config') ?? '', 'keys', async (state, config) => {
      await run(call, state, id)
      if (config.keys === undefined)
        call.terminal.err('sallyport: `keys` is not in the configuration: no key counts until it is\n')
      return 0
    })
  },
}

type Action = (call: Call, state: State, id: string | undefined) => Promise<void>

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['create', create],
  ['list', list],
  ['disable', (call, state, id) => change(call, state, id, 'disabled', () => ({ disabled: true }))],
  ['enable', (call, state, id) => change(call, state, id, 'enabled', () => ({ disabled: false }))],
  ['rotate', rotate],
  ['revoke', (call, state, id) => change(call, state, id, 'revoked', () => ({ revoked: Date.now() }))],
])

async function create(call: Call, state: State, id: string | undefined): Promise<void> {
  if (id !== undefined) throw new Misuse('keys create: the id is made, not chosen')
  const { flawOf, issueApiKey } = await import('../app/state/api-keys.ts')
  const now = Date.now()
  const request = {
    name: textOf(call.values, 'name') ?? '',
    owner: textOf(call.values, 'owner') ?? '',
    scopes: (textOf(call.values, 'scope') ?? '').split(' ').filter((scope) => scope !== ''),
    roles: textsOf(call.values, 'role'),
    expires: endOf(textOf(call.values, 'expires') ?? '', now),
  }
  if (request.name === '' || request.owner === '')
    throw new Misuse('keys create: write --name N and --owner O')
  const flaw = flawOf(request)
  if (flaw !== undefined) throw new Misuse(`keys create: ${flaw}`)
  const { key, text } = await issueApiKey(state.apiKeys, request, now)
  reveal(call, key, text)
}

async function rotate(call: Call, state: State, id: string | undefined): Promise<void> {
  const overlap = parseDuration(textOf(call.values, 'overlap') ?? '')
  if (overlap === undefined) throw new Misuse('keys rotate: --overlap takes a duration such as 24h')
  await find(state, id)
  const { rotateApiKey } = await import('../app/state/api-keys.ts')
  const issued = await rotateApiKey(state.apiKeys, id ?? '', overlap, Date.now())
  if (issued === undefined) throw new Misuse('keys rotate: the key is revoked')
  reveal(call, issued.key, issued.text)
}

async function change(
  call: Call,
  state: State,
  id: string | undefined,
  done: string,
  patch: () => ApiKeyPatch,
): Promise<void> {
  const before = await find(state, id)
  if (before.revoked !== undefined && done !== 'revoked')
    throw new Misuse('keys: the key is revoked for good')
  const key = (await state.apiKeys.update(before.id, patch)) ?? before
  if (call.values['json'] === true) print(call, viewOf(key, Date.now()))
  else call.terminal.out(`${key.id} ${done}\n`)
}

async function list(call: Call, state: State): Promise<void> {
  const keys: ApiKey[] = []
  for (let after = 0; ; after = keys.at(-1)?.change ?? 0) {
    const page = (await state.apiKeys.changes(after, 1000)).keys
    keys.push(...page)
    if (page.length < 1000) break
  }
  const views = keys.sort((a, b) => a.created - b.created).map((key) => viewOf(key, Date.now()))
  if (call.values['json'] === true) {
    print(call, views)
    return
  }
  const rows = views.map((view) => [
    view.id,
    view.name,
    view.owner,
    view.status,
    view.scopes.join(' '),
    view.roles.join(' '),
    view.expires ?? 'never',
    view.lastUsed ?? 'never',
  ])
  const header = ['id', 'name', 'owner', 'status', 'scopes', 'roles', 'expires', 'last used']
  call.terminal.out(renderTable(header, rows, { colour: call.terminal.colourOut }))
}

async function find(state: State, id: string | undefined): Promise<ApiKey> {
  if (id === undefined) throw new Misuse('keys: write the ID of a key; `sallyport keys list` shows them')
  const key = await state.apiKeys.find(id)
  if (key === undefined)
    throw new Misuse('keys: there is no key of this ID; `sallyport keys list` shows them')
  return key
}

/** The only time the key itself is shown. Alone on standard output, so that a script can take it. */
function reveal(call: Call, key: ApiKey, text: string): void {
  if (call.values['json'] === true) {
    print(call, { ...viewOf(key, Date.now()), key: text })
    return
  }
  call.terminal.err(`sallyport: key ${key.id}, shown this once:\n`)
  call.terminal.out(`${text}\n`)
}

function print(call: Call, value: unknown): void {
  call.terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}

function endOf(text: string, now: number): number | undefined {
  if (text === 'never') return undefined
  const lifetime = parseDuration(text)
  if (lifetime === undefined || lifetime < 1000)
    throw new Misuse('keys create: --expires takes a duration such as 90d, or `never`')
  return now + lifetime
}
