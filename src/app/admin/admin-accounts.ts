import type { AccountReply, AccountSession } from '../../admin/contract.ts'
import type { Changed, Identities } from '../../admin/identity-routes.ts'
import { isAtLeast, roleOf, type Visitor } from '../../admin/visitor.ts'
import { type Account, isRefused } from '../../authority/accounts/account.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import { createSessionRepository, type SessionRecord } from '../../repositories/account-sessions.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Services } from '../services.ts'

/** Accounts and sessions of the embedded server. */
export function adminAccounts(
  { roles }: AdminConfig,
  { state }: Services,
  running: RunningAuthority | undefined,
): Pick<Identities, 'accounts' | 'sessions'> {
  const repository = state.database && createSessionRepository(state.database.db)

  /** Who may do little must not lock out who may do more; nobody locks out oneself. */
  async function judge(id: string, by: Visitor, endsIt: boolean): Promise<Changed | undefined> {
    const account = await running?.accounts.find(id)
    if (account === undefined) return 'none'
    const role = roleOf(account.roles, roles)
    if (role !== undefined && !isAtLeast(by.role, role)) return 'role'
    return endsIt && by.via === 'account' && by.sub === id ? 'conflict' : undefined
  }
  const told = (done: boolean | undefined): Changed => (done === true ? 'done' : 'none')

  return {
    accounts: {
      async list(limit, after) {
        const page = await running?.accounts.people.list(limit, after)
        return (
          page && { items: page.accounts.map(viewOf), ...(page.next !== undefined && { next: page.next }) }
        )
      },
      async change(id, what, by) {
        const refused = await judge(id, by, what === 'disable')
        const people = running?.accounts.people
        if (refused !== undefined || people === undefined) return refused ?? 'none'
        switch (what) {
          case 'disable':
            return told(await people.disable(id, by.name))
          case 'enable':
            return told(await people.enable(id, by.name))
          case 'unlock':
            return told(await people.unlock(id, by.name))
          case 'sign-out':
            return told(await people.endSessions(id, by.name))
        }
      },
      async setRoles(id, names, by) {
        const refused = await judge(id, by, roleOf(names, roles) !== 'administrator')
        return refused ?? told(await running?.accounts.people.setRoles(id, names, by.name))
      },
      async create({ email, name, roles: names }, by) {
        const people = running?.accounts.people
        const account = await people?.create({ email, name, roles: names, emailVerified: false }, by.name)
        if (people === undefined || account === undefined || isRefused(account)) return undefined
        const made = await people.resetLink(account.sub, by.name)
        return (
          made && {
            account: viewOf(account),
            link: made.link,
            expires: new Date(made.expires).toISOString(),
          }
        )
      },
    },
    sessions: {
      async list(limit, after, account) {
        if (running === undefined || repository === undefined) return undefined
        // One person's are few; they come as one page.
        if (account !== undefined) return { items: (await repository.of(account)).map(sessionOf) }
        const found = await repository.list(limit + 1, after)
        const page = found.slice(0, limit)
        const last = page.at(-1)
        return {
          items: page.map(sessionOf),
          ...(found.length > limit && last !== undefined && { next: last.id }),
        }
      },
      async end(id, by) {
        const session = await repository?.find(id)
        if (session === undefined) return 'none'
        return (
          (await judge(session.sub, by, false)) ?? told(await running?.accounts.sessions.end(session.sub, id))
        )
      },
    },
  }
}

/** The account of a caller, where the embedded server is its issuer. */
export async function accountOf(
  running: RunningAuthority | undefined,
  issuer: string | undefined,
  sub: string,
): Promise<AccountReply | undefined> {
  if (running === undefined || (issuer !== undefined && issuer !== running.issuerName)) return undefined
  const account = await running.accounts.find(sub)
  return account && viewOf(account)
}

function viewOf(account: Account): AccountReply {
  return {
    id: account.sub,
    email: account.email,
    emailVerified: account.emailVerified,
    name: account.name ?? null,
    roles: account.roles,
    disabled: account.disabled,
    secondFactors: account.secondFactors,
    created: new Date(account.created).toISOString(),
  }
}

function sessionOf(session: SessionRecord): AccountSession {
  return {
    id: session.id,
    account: session.sub,
    amr: session.amr,
    created: new Date(session.created).toISOString(),
    lastSeen: new Date(session.lastSeen).toISOString(),
    address: session.address,
    userAgent: session.userAgent,
  }
}
