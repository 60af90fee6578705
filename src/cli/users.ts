import type { UserAdmin } from '../app/admin/user-admin.ts'
import { type Account, isRefused } from '../authority/accounts/account.ts'
import { isSubject } from '../authority/accounts/people.ts'
import { renderTable } from '../report/render-table.ts'
import { type Call, type Command, textOf, textsOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const usersCommand: Command = {
  name: 'users',
  summary: 'accounts of the embedded server: create, list, disable, unlock, reset, roles',
  help: `
Usage: sallyport users create EMAIL [--name N] [--role R …] [--verified] [--subject S]
       sallyport users list
       sallyport users show|disable|enable|delete|unlock USER
       sallyport users reset USER [--factors]
       sallyport users roles USER [--role R …]
       sallyport users sessions USER
       sallyport users setup

USER is an e-mail address or a subject. Works on the durable store of the configuration, also while the gateway
runs: sessions and tokens then end within a second. Everything is put on record with your name.

  create     makes an account without a password and prints a link to choose one (good once, for 15 min)
  disable    nothing signs in any more; sessions and tokens end
  delete     the same, and the account is gone
  unlock     takes delays and locks of wrong passwords and codes off
  reset      prints a link to choose a new password (good once, for 15 min)
  roles      sets the roles to those written; without --role to none
  sessions   signs the user out everywhere
  setup      prints the one-time link to make the first account (good once, for an hour)

      --name N         name to show
      --role R         a role; may be repeated
      --subject S      the id by which your APIs know them already: the subject of their tokens
      --verified       the e-mail address is known to be theirs
      --factors        also takes authenticator, passkeys and recovery codes off, for who lost them
      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    name: { type: 'string' },
    role: { type: 'string', multiple: true },
    subject: { type: 'string' },
    verified: { type: 'boolean', default: false },
    factors: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action = '', user, ...more] = call.positionals
    const run = actions.get(action)
    if (run === undefined) throw new Misuse(`users: write one of ${[...actions.keys()].join(', ')}`)
    if (more.length > 0) throw new Misuse(`users ${action}: one user at a time`)
    return withState(textOf(call.values, 'config') ?? '', 'users', async (state, config) => {
      const { createUserAdmin } = await import('../app/admin/user-admin.ts')
      const admin = createUserAdmin(state, config)
      try {
        await run(call, admin, user)
      } finally {
        await admin.record()
      }
      return 0
    })
  },
}

type Action = (call: Call, admin: UserAdmin, user: string | undefined) => Promise<void>

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['create', create],
  ['list', list],
  ['show', async (call, admin, user) => show(call, await find(admin, user))],
  ['disable', change('disabled', ({ people, by }, sub) => people.disable(sub, by))],
  ['enable', change('enabled', ({ people, by }, sub) => people.enable(sub, by))],
  ['delete', change('deleted', ({ people, by }, sub) => people.remove(sub, by))],
  ['unlock', change('unlocked', ({ people, by }, sub) => people.unlock(sub, by))],
  ['reset', reset],
  [
    'roles',
    change('has new roles', ({ people, by }, sub, call) =>
      people.setRoles(sub, textsOf(call.values, 'role'), by),
    ),
  ],
  ['sessions', change('is signed out everywhere', ({ people, by }, sub) => people.endSessions(sub, by))],
  ['setup', setup],
])

async function create(call: Call, admin: UserAdmin, email: string | undefined): Promise<void> {
  if (email === undefined) throw new Misuse('users create: write an EMAIL')
  const sub = textOf(call.values, 'subject')
  if (sub !== undefined && !isSubject(sub))
    throw new Misuse(
      'users create: a subject is a letter or digit, then letters, digits, `.`, `_`, `:`, `|`, `-`',
    )
  const account = await admin.people.create(
    {
      ...(sub !== undefined && { sub }),
      email,
      name: textOf(call.values, 'name'),
      roles: textsOf(call.values, 'role'),
      emailVerified: call.values['verified'] === true,
    },
    admin.by,
  )
  if (account === undefined)
    throw new Misuse('users create: there is an account with this address, or somebody with this subject')
  if (isRefused(account)) throw new Misuse('users create: this is no e-mail address')
  await link(call, account, await admin.people.resetLink(account.sub, admin.by))
}

async function reset(call: Call, admin: UserAdmin, user: string | undefined): Promise<void> {
  const account = await find(admin, user)
  if (account.disabled)
    throw new Misuse('users reset: the account is disabled; `sallyport users enable` first')
  if (call.values['factors'] === true) await admin.people.removeFactors(account.sub, admin.by)
  await link(call, account, await admin.people.resetLink(account.sub, admin.by))
}

async function setup(call: Call, admin: UserAdmin): Promise<void> {
  const made = await admin.people.createSetupToken()
  if (made === undefined)
    throw new Misuse('users setup: there are accounts already; `sallyport users create EMAIL --role admin`')
  await link(call, undefined, made)
}

/** The only time a link is shown. Alone on standard output, so that a script can take it. */
async function link(
  call: Call,
  account: Account | undefined,
  made: { readonly link: string; readonly expires: number } | undefined,
): Promise<void> {
  if (made === undefined) throw new Misuse('users: the account is gone')
  const expires = new Date(made.expires).toISOString()
  if (call.values['json'] === true) {
    print(call, { ...(account !== undefined && viewOf(account)), link: made.link, linkExpires: expires })
    return
  }
  const whose = account === undefined ? '' : ` for ${account.email} (${account.sub})`
  call.terminal.err(`sallyport: link${whose}, good once until ${expires}:\n`)
  call.terminal.out(`${made.link}\n`)
}

function change(
  done: string,
  apply: (admin: UserAdmin, sub: string, call: Call) => Promise<boolean>,
): Action {
  return async (call, admin, user) => {
    const account = await find(admin, user)
    if (!(await apply(admin, account.sub, call))) throw new Misuse('users: the account is gone')
    const now = await admin.people.findByEmail(account.email)
    if (call.values['json'] === true)
      print(call, now === undefined ? { sub: account.sub, deleted: true } : viewOf(now))
    else call.terminal.out(`${account.email} ${done}\n`)
  }
}

async function list(call: Call, admin: UserAdmin): Promise<void> {
  const accounts: Account[] = []
  for (let after: string | undefined; ; ) {
    const page = await admin.people.list(500, after)
    accounts.push(...page.accounts)
    if (page.next === undefined) break
    after = page.next
  }
  const views = accounts.map(viewOf)
  if (call.values['json'] === true) return print(call, views)
  const rows = views.map((view) => [
    view.email,
    view.sub,
    view.status,
    view.roles.join(' '),
    view.secondFactors.join(' '),
    view.created,
  ])
  const header = ['email', 'subject', 'status', 'roles', 'second factors', 'created']
  call.terminal.out(renderTable(header, rows, { colour: call.terminal.colourOut }))
}

function show(call: Call, account: Account): void {
  const view = viewOf(account)
  if (call.values['json'] === true) {
    print(call, view)
    return
  }
  const rows = Object.entries(view).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(' ') : String(value ?? ''),
  ])
  call.terminal.out(renderTable(['', ''], rows, { colour: call.terminal.colourOut }))
}

async function find({ people }: UserAdmin, user: string | undefined): Promise<Account> {
  if (user === undefined) throw new Misuse('users: write an e-mail address or a subject')
  const account = await (user.includes('@') ? people.findByEmail(user) : people.find(user))
  if (account === undefined)
    throw new Misuse('users: there is no such account; `sallyport users list` shows them')
  return account
}

interface UserView {
  readonly sub: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | null
  readonly status: 'active' | 'disabled'
  readonly roles: readonly string[]
  readonly secondFactors: readonly string[]
  readonly created: string
}

function viewOf(account: Account): UserView {
  return {
    sub: account.sub,
    email: account.email,
    emailVerified: account.emailVerified,
    name: account.name ?? null,
    status: account.disabled ? 'disabled' : 'active',
    roles: account.roles,
    secondFactors: account.secondFactors,
    created: new Date(account.created).toISOString(),
  }
}

function print(call: Call, value: unknown): void {
  call.terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}
