import type { AccountChange } from '../../repositories/accounts.ts'
import type { AccountEventKind } from './account-event.ts'
import type { Core } from './core.ts'
import { parseEmailAddress } from './email-address.ts'
import { issueToken, linkMs, setupMs } from './one-time-token.ts'
import type { AccountLinks } from './options.ts'
import { isSubject, type OneTimeLink, type People } from './people.ts'
import { newSubject } from './register.ts'

/** `isClient`: whether a client has this id, which then can be nobody's subject. */
export function createPeople(
  core: Core,
  links: AccountLinks,
  isClient: (id: string) => Promise<boolean>,
): People {
  const { repositories, clock } = core

  async function change(
    sub: string,
    what: AccountChange,
    kind: AccountEventKind,
    by: string,
    detail?: string,
  ): Promise<boolean> {
    const done = await repositories.accounts.update(sub, what)
    if (done) core.emit(kind, { sub, by, detail })
    return done
  }

  /** Sessions end in the store first: from then on nothing is issued. */
  async function end(sub: string, kind: 'disabled' | 'removed'): Promise<void> {
    await repositories.sessions.endAll(sub)
    await repositories.tokens.drop(sub, 'reset')
    await core.announce({ at: clock.now(), sub, kind, session: undefined })
  }

  async function link(
    kind: 'reset' | 'setup',
    sub: string,
    payload: object,
    lifeMs: number,
  ): Promise<OneTimeLink> {
    const expires = clock.now() + lifeMs
    const token = await issueToken(repositories.tokens, kind, sub, payload, expires)
    return { token, link: links[kind](token), expires }
  }

  return {
    async create(person, by) {
      const parsed = parseEmailAddress(person.email)
      if (parsed === undefined) return { refused: 'email-malformed' }
      if (person.sub !== undefined) {
        if (!isSubject(person.sub)) throw new RangeError('this is no subject')
        if (await isClient(person.sub)) return undefined
      }
      const record = {
        sub: person.sub ?? newSubject(),
        email: parsed.address,
        emailKey: parsed.key,
        emailVerified: person.emailVerified,
        name: person.name,
        roles: person.roles,
        disabled: false,
        created: clock.now(),
        password: undefined,
        passwordAlone: false,
      }
      if (!(await repositories.accounts.insert(record))) return undefined
      core.emit('created', { sub: record.sub, by })
      return core.accountOf(record)
    },
    async list(limit, after) {
      const found = await repositories.accounts.list(limit + 1, after)
      const page = found.slice(0, limit)
      const accounts = []
      for (const record of page) accounts.push(await core.accountOf(record))
      return { accounts, next: found.length > limit ? page.at(-1)?.emailKey : undefined }
    },
    find: (sub) => core.find(sub),
    async findByEmail(email) {
      const record = await repositories.accounts.byEmail(parseEmailAddress(email)?.key ?? '')
      return record && core.accountOf(record)
    },
    async disable(sub, by) {
      if (!(await change(sub, { disabled: true }, 'disabled', by))) return false
      await end(sub, 'disabled')
      return true
    },
    enable: (sub, by) => change(sub, { disabled: false }, 'enabled', by),
    async remove(sub, by) {
      if (!(await repositories.accounts.update(sub, { disabled: true }))) return false
      await end(sub, 'removed')
      await repositories.attempts.clear(attemptKeys(sub))
      const removed = await repositories.accounts.remove(sub)
      if (removed) core.emit('removed', { sub, by })
      return removed
    },
    async unlock(sub, by) {
      if ((await repositories.accounts.bySub(sub)) === undefined) return false
      await repositories.attempts.clear(attemptKeys(sub))
      core.emit('unlocked', { sub, by })
      return true
    },
    async setRoles(sub, roles, by) {
      const unique = [...new Set(roles)]
      const before = (await repositories.accounts.bySub(sub))?.roles ?? []
      if (!(await repositories.accounts.update(sub, { roles: unique }))) return false
      core.emit('roles-changed', {
        sub,
        by,
        detail: unique.join(' '),
        granted: unique.filter((role) => !before.includes(role)),
        removed: before.filter((role) => !unique.includes(role)),
      })
      // Tokens carry roles: those issued so far must not outlive them.
      await core.signOut(sub, undefined, { by, detail: 'roles changed' })
      return true
    },
    async endSessions(sub, by) {
      if ((await repositories.accounts.bySub(sub)) === undefined) return false
      await core.signOut(sub, undefined, { by })
      return true
    },
    async resetLink(sub, by) {
      const record = await repositories.accounts.bySub(sub)
      if (record === undefined || record.disabled) return undefined
      core.emit('link-made', { sub, by, detail: 'new password' })
      return link('reset', sub, { by: 'operator' }, linkMs)
    },
    async removeFactors(sub, by) {
      const record = await repositories.accounts.bySub(sub)
      if (record === undefined) return false
      // A password that needs a second factor ends with it.
      if (!record.passwordAlone) await repositories.accounts.update(sub, { password: undefined })
      await repositories.factors.removeTotp(sub)
      await repositories.factors.putRecoveryCodes(sub, [])
      await repositories.passkeys.remove(sub)
      core.emit('factors-removed', { sub, by })
      await core.signOut(sub, undefined, { by, detail: 'factors removed' })
      return true
    },
    async createSetupToken() {
      if ((await repositories.accounts.list(1)).length > 0) return undefined
      await repositories.tokens.drop('', 'setup')
      core.emit('link-made', { by: 'start', detail: 'set-up' })
      return link('setup', '', {}, setupMs)
    },
  }
}

function attemptKeys(sub: string): string[] {
  return ['password', 'own', 'code', 'change'].map((kind) => `${kind}:${sub}`)
}
