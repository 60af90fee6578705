import type { Policy } from '../app/policy/policy.ts'
import type { LimitLock, LimitLockStore } from '../kernel/limit-lock.ts'
import { renderTable } from '../report/render-table.ts'
import { type Call, type Command, textOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const locksCommand: Command = {
  name: 'locks',
  summary: 'keys that limits have locked: list, clear',
  help: `
Usage: sallyport locks list
       sallyport locks clear --limit NAME [--api NAME] VALUE...
       sallyport locks clear --id ID
       sallyport locks clear --all

Works on the durable store of the configuration, also while the gateway runs: it follows within a second, in every
process. A key that was opened begins with a whole budget. Locks are kept by digest: what they are of cannot be read
from the list, but who knows the values can open them.

VALUE...  in the order of the limit's \`per\`: an address, an account, ISSUER/SUBJECT for \`caller\`, ISSUER/CLIENT for
          \`client\`, the field's whole value for \`credential\`

      --limit NAME   name of the limit, as in RateLimit-Policy
      --api NAME     API of the limit, where there are several
      --id ID        one lock, by its id in the list
      --all          every lock
      --json         output as JSON
      --config FILE  configuration (default sallyport.yaml)
`,
  options: {
    limit: { type: 'string' },
    api: { type: 'string' },
    id: { type: 'string' },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action, ...given] = call.positionals
    if (action !== 'list' && action !== 'clear') throw new Misuse('locks: write one of list, clear')
    if (action === 'list' && given.length > 0) throw new Misuse('locks list takes no values')
    const file = textOf(call.values, 'config') ?? ''
    const policy =
      textOf(call.values, 'limit') === undefined ? undefined : await loadPolicy(file, call.terminal)
    return withState(file, 'locks', async ({ locks }) => {
      if (locks === undefined) throw new Misuse('locks: the configuration keeps nothing')
      const now = Date.now()
      const open = (await allOf(locks)).filter((lock) => lock.until > now)
      if (action === 'list') {
        show(call, open)
        return 0
      }
      const cleared = await locks.clear(await keysOf(call, given, open, policy), now)
      if (call.values['json'] === true) call.terminal.out(`${JSON.stringify({ cleared })}\n`)
      else call.terminal.out(cleared === 1 ? 'opened one lock\n' : `opened ${cleared} locks\n`)
      return 0
    })
  },
}

async function allOf(locks: LimitLockStore): Promise<LimitLock[]> {
  const found: LimitLock[] = []
  for (let change = 0; ; change = found.at(-1)?.change ?? 0) {
    const page = await locks.since(change, 1000)
    found.push(...page)
    if (page.length < 1000) return found
  }
}

/** Digests of the locks that are meant; undefined: all. */
async function keysOf(
  call: Call,
  given: readonly string[],
  open: readonly LimitLock[],
  policy: Policy | undefined,
): Promise<readonly string[] | undefined> {
  const id = textOf(call.values, 'id')
  const all = call.values['all'] === true
  if ([id !== undefined, all, policy !== undefined].filter(Boolean).length !== 1)
    throw new Misuse('locks clear: write one of --limit NAME VALUE..., --id ID, --all')
  if (policy !== undefined) return [await keyOf(call, given, policy)]
  if (given.length > 0) throw new Misuse('locks clear: values belong to --limit NAME')
  if (id === undefined) return undefined
  return open.filter((lock) => idOf(lock) === id).map((lock) => lock.key)
}

async function keyOf(call: Call, values: readonly string[], policy: Policy): Promise<string> {
  const { limitRulesOf } = await import('../app/policy/limit-rules.ts')
  const { keyOfValues } = await import('../stages/limit/budget-key.ts')
  const { lockDigest } = await import('../stages/limit/lock-book.ts')
  const name = textOf(call.values, 'limit')
  const api = textOf(call.values, 'api')
  const rules = policy.apis
    .flatMap((one) => limitRulesOf(policy, one))
    .filter((rule) => (rule.lockMs ?? 0) > 0)
  const [rule, ...more] = rules.filter((one) => one.name === name && (api === undefined || one.api === api))
  if (rule === undefined)
    throw new Misuse(
      `locks clear: no limit of that name locks keys${rules.length === 0 ? '' : `; there are ${rules.map((one) => one.name).join(', ')}`}`,
    )
  if (more.length > 0)
    throw new Misuse('locks clear: several APIs have a limit of that name; write --api NAME')
  const key = keyOfValues(rule, values)
  if (key === undefined) throw new Misuse(`locks clear: write a value for each of ${rule.per.join(', ')}`)
  return lockDigest(key)
}

function idOf(lock: LimitLock): string {
  return lock.key.slice(0, 12)
}

function show(call: Call, locks: readonly LimitLock[]): void {
  const views = locks.map((lock) => ({
    id: idOf(lock),
    api: lock.api,
    limit: lock.limit,
    since: new Date(lock.created).toISOString(),
    until: new Date(lock.until).toISOString(),
  }))
  if (call.values['json'] === true) {
    call.terminal.out(`${JSON.stringify(views, null, 2)}\n`)
    return
  }
  const rows = views.map((view) => [view.id, view.api, view.limit, view.since, view.until])
  call.terminal.out(
    renderTable(['id', 'api', 'limit', 'locked', 'until'], rows, { colour: call.terminal.colourOut }),
  )
}
