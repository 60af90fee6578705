import { randomBytes } from 'node:crypto'
import type {
  Account,
  Refused,
  SessionView,
  SignedIn,
  Visit,
} from '../../../src/authority/accounts/account.ts'
import type { Accounts } from '../../../src/authority/accounts/accounts.ts'
import type { PasskeyView } from '../../../src/authority/accounts/passkeys.ts'
import type { ShownMail } from '../../../src/authority/pages/views/mail.ts'

interface Person {
  account: Account
  password: string
  totp: boolean
  recoveryCodes: string[]
  passkeys: PasskeyView[]
}

/** Accounts in memory: the code of every authenticator is 123456, the password `a common password` is common. */
export interface FakeAccounts extends Accounts {
  readonly mails: ShownMail[]
  /** What was asked, without secrets: `signIn client=shop`. */
  readonly asked: string[]
  /** The next answer of any method that may refuse. */
  refuseNext: Refused | undefined
  /** Makes a confirmed account; returns its subject. */
  add(email: string, password: string, totp?: boolean): string
  sessionsOf(sub: string): SessionView[]
}

export function createFakeAccounts(links: {
  verify(token: string): string
  reset(token: string): string
}): FakeAccounts {
  const people = new Map<string, Person>()
  const tokens = new Map<string, { kind: string; sub: string }>()
  const sessions = new Map<string, SessionView[]>()
  const bySub = (sub: string): Person | undefined =>
    [...people.values()].find(({ account }) => account.sub === sub)
  const token = (kind: string, sub: string): string => {
    const made = randomBytes(16).toString('base64url')
    tokens.set(made, { kind, sub })
    return made
  }
  const take = (kind: string, given: string): Person | undefined => {
    const found = tokens.get(given)
    if (found?.kind !== kind) return undefined
    tokens.delete(given)
    return bySub(found.sub)
  }
  const change = (person: Person, more: Partial<Account>): void => {
    person.account = { ...person.account, ...more }
  }
  const signedIn = (person: Person, amr: readonly string[], done: boolean): SignedIn => ({
    account: person.account,
    secondFactorNeeded: !done && person.account.secondFactors.length > 0,
    device: 'device-1',
    amr,
  })
  const factors = (person: Person): void =>
    change(person, {
      secondFactors: [
        ...(person.totp ? (['totp'] as const) : []),
        ...(person.passkeys.length > 0 ? (['passkey'] as const) : []),
      ],
    })
  const judge = (password: string): Refused | undefined => {
    if (password.length < 15) return { refused: 'password-too-short' }
    return password === 'a common password' ? { refused: 'password-common' } : undefined
  }
  const refusal = (): Refused | undefined => {
    const { refuseNext } = fake
    fake.refuseNext = undefined
    return refuseNext
  }
  const ask = (what: string, visit?: Visit): void => {
    fake.asked.push(`${what}${visit?.client === undefined ? '' : ` client=${visit.client}`}`)
  }
  const mail = (to: string, subject: string, text: string): void => {
    fake.mails.unshift({ to, subject, text, time: Date.now() })
  }

  const fake: FakeAccounts = {
    mails: [],
    asked: [],
    refuseNext: undefined,
    add(email, password, totp = false) {
      const sub = randomBytes(8).toString('hex')
      const account: Account = {
        sub,
        email,
        emailVerified: true,
        name: undefined,
        roles: [],
        disabled: false,
        created: Date.now(),
        secondFactors: totp ? ['totp'] : [],
      }
      people.set(email, { account, password, totp, recoveryCodes: [], passkeys: [] })
      return sub
    },
    sessionsOf(sub) {
      const list = sessions.get(sub) ?? []
      sessions.set(sub, list)
      return list
    },
    async register(email, password, name, visit) {
      ask('register', visit)
      const refused =
        refusal() ?? (email.includes('@') ? judge(password) : { refused: 'email-malformed' as const })
      if (refused !== undefined || people.has(email)) return refused
      const sub = fake.add(email, password)
      const person = people.get(email)
      if (person !== undefined) change(person, { emailVerified: false, name })
      mail(email, 'confirm your address', `Open this:\n\n${links.verify(token('verify', sub))}\n`)
      return undefined
    },
    async verifyEmail(given) {
      const person = take('verify', given)
      if (person === undefined) return { refused: 'expired' }
      change(person, { emailVerified: true })
      return person.account
    },
    async signIn(email, password, visit) {
      ask('signIn', visit)
      const person = people.get(email)
      const refused = refusal()
      if (refused !== undefined) return refused
      if (person?.password !== password || !person.account.emailVerified) return { refused: 'credentials' }
      return signedIn(person, ['pwd'], false)
    },
    async secondFactor(sub, code, visit) {
      ask('secondFactor', visit)
      const person = bySub(sub)
      const recovery = person?.recoveryCodes.indexOf(code) ?? -1
      if (recovery >= 0) person?.recoveryCodes.splice(recovery, 1)
      if (person === undefined || (recovery < 0 && code !== '123456')) return refusal() ?? { refused: 'code' }
      return signedIn(person, ['pwd', 'otp', 'mfa'], true)
    },
    async requestReset(email, visit) {
      ask('requestReset', visit)
      const person = people.get(email)
      if (person !== undefined)
        mail(email, 'choose a new password', `Open:\n${links.reset(token('reset', person.account.sub))}\n`)
      return refusal()
    },
    async reset(given, password) {
      const refused = judge(password)
      if (refused !== undefined) return refused
      const person = take('reset', given)
      if (person === undefined) return { refused: 'expired' }
      person.password = password
      return undefined
    },
    async changePassword(sub, current, next, visit) {
      const person = bySub(sub)
      const refused = judge(next)
      if (person?.password !== current) return { refused: 'credentials' }
      if (refused !== undefined) return refused
      person.password = next
      await fake.sessions.endAll(sub, visit.session)
      return undefined
    },
    find: async (sub) => bySub(sub)?.account,
    async redeemSetup(given, email, password) {
      if (given !== 'the-set-up-token-of-the-test') return { refused: 'expired' }
      const refused = judge(password)
      if (refused !== undefined) return refused
      const sub = fake.add(email, password)
      const person = bySub(sub)
      if (person !== undefined) change(person, { roles: ['admin'] })
      return person?.account ?? { refused: 'unavailable' }
    },
    totp: {
      async begin(sub) {
        const email = bySub(sub)?.account.email ?? ''
        const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
        return {
          secret,
          uri: `otpauth://totp/Sallyport:${encodeURIComponent(email)}?secret=${secret}&issuer=Sallyport`,
        }
      },
      async confirm(sub, code) {
        const person = bySub(sub)
        if (person === undefined || code !== '123456') return { refused: 'code' }
        person.totp = true
        person.recoveryCodes = Array.from({ length: 10 }, () => randomBytes(8).toString('hex'))
        factors(person)
        return { recoveryCodes: person.recoveryCodes }
      },
      async remove(sub) {
        const person = bySub(sub)
        if (person === undefined) return { refused: 'credentials' }
        person.totp = false
        factors(person)
        return refusal()
      },
      async renewRecoveryCodes(sub) {
        const person = bySub(sub)
        if (person === undefined) return { refused: 'credentials' }
        person.recoveryCodes = Array.from({ length: 10 }, () => randomBytes(8).toString('hex'))
        return { recoveryCodes: person.recoveryCodes }
      },
      recoveryCodesLeft: async (sub) => bySub(sub)?.recoveryCodes.length ?? 0,
    },
    passkeys: {
      beginRegistration: async (sub) => ({
        challenge: 'Y2hhbGxlbmdl',
        rp: { name: 'Sallyport', id: '127.0.0.1' },
        user: { id: 'dXNlcg', name: sub, displayName: '' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      }),
      async finishRegistration(sub, _response, name) {
        const passkey = {
          id: randomBytes(4).toString('hex'),
          name,
          created: Date.now(),
          lastUsed: undefined,
          synced: false,
        }
        const person = bySub(sub)
        person?.passkeys.push(passkey)
        if (person !== undefined) factors(person)
        return passkey
      },
      beginSignIn: async () => ({ challenge: 'Y2hhbGxlbmdl', userVerification: 'required' }),
      async finishSignIn(sub, response) {
        const { id } = response as { id?: string }
        const person = [...people.values()].find(
          ({ account, passkeys }) =>
            passkeys.some((passkey) => passkey.id === id) && (sub === undefined || account.sub === sub),
        )
        return person === undefined ? { refused: 'credentials' } : signedIn(person, ['hwk', 'mfa'], true)
      },
      list: async (sub) => bySub(sub)?.passkeys ?? [],
      async remove(sub, id) {
        const person = bySub(sub)
        if (person !== undefined) person.passkeys = person.passkeys.filter((passkey) => passkey.id !== id)
        if (person !== undefined) factors(person)
        return refusal()
      },
    },
    sessions: {
      async open(sub, amr, visit, id = randomBytes(8).toString('hex')) {
        const created = Date.now()
        await fake.sessions.end(sub, id)
        fake.sessionsOf(sub).unshift({
          id,
          created,
          lastSeen: created,
          address: visit.address,
          userAgent: visit.userAgent,
          current: false,
        })
        return { id, sub, amr, created }
      },
      async find(id) {
        for (const [sub, list] of sessions)
          for (const session of list)
            if (session.id === id) return { id, sub, amr: [], created: session.created }
        return undefined
      },
      list: async (sub, current) =>
        fake.sessionsOf(sub).map((session) => ({ ...session, current: session.id === current })),
      async end(sub, id) {
        const list = fake.sessionsOf(sub)
        const at = list.findIndex((session) => session.id === id)
        if (at >= 0) list.splice(at, 1)
        return at >= 0
      },
      async endAll(sub, keep) {
        sessions.set(
          sub,
          fake.sessionsOf(sub).filter((session) => session.id === keep),
        )
      },
    },
    get people(): Accounts['people'] {
      throw new Error('pages do not administrate')
    },
    close: async () => undefined,
  }
  return fake
}
