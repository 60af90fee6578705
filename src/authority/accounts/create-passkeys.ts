import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { PasskeyRecord } from '../../repositories/account-passkeys.ts'
import type { Refused } from './account.ts'
import type { Core } from './core.ts'
import type { Door } from './door.ts'
import type { Mails } from './mails.ts'
import type { PasskeyChallenges } from './passkey-challenge.ts'
import { parsePasskeyResponse } from './passkey-response.ts'
import type { Passkeys, PasskeyView } from './passkeys.ts'

export interface PasskeyParts {
  readonly core: Core
  readonly door: Door
  readonly mails: Mails
  readonly challenges: PasskeyChallenges
  readonly product: string
  readonly origin: string
  readonly rpId: string
}

const most = 20
/** COSE: EdDSA, ES256, RS256. */
const algorithms: readonly number[] = [-8, -7, -257]
const refused: Refused = { refused: 'credentials' }

export function createPasskeys(parts: PasskeyParts): Passkeys {
  const { core, door, mails, challenges, origin, rpId } = parts
  const { repositories, clock } = core
  const handleOf = (sub: string): string => Buffer.from(sub).toString('base64url')

  return {
    async beginRegistration(sub) {
      const account = await core.find(sub)
      const own = await repositories.passkeys.of(sub)
      if (account === undefined || account.disabled) return refused
      if (own.length >= most) return { refused: 'unavailable' }
      return generateRegistrationOptions({
        rpName: parts.product,
        rpID: rpId,
        userName: account.email,
        userDisplayName: account.name ?? account.email,
        userID: new Uint8Array(Buffer.from(sub)),
        challenge: challenges.issue('register', sub),
        attestationType: 'none',
        supportedAlgorithmIDs: [...algorithms],
        excludeCredentials: own.map(descriptorOf),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      })
    },

    async finishRegistration(sub, response, name, visit) {
      const parsed = parsePasskeyResponse(response)
      const account = await core.find(sub)
      if (parsed === undefined || account === undefined || account.disabled) return refused
      const verified = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: (challenge) => challenges.isFresh(challenge, 'register', sub),
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: [...algorithms],
      }).catch(() => undefined)
      if (verified?.registrationInfo === undefined || !(await challenges.spend(parsed.challenge))) {
        core.emit('passkey-failed', { sub, visit, failed: true, detail: 'registration' })
        return refused
      }
      const { credential, credentialDeviceType } = verified.registrationInfo
      const record: PasskeyRecord = {
        id: credential.id,
        sub,
        name: name.toWellFormed().replace(/\p{C}/gu, '').trim().slice(0, 64) || 'Passkey',
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: credential.transports ?? [],
        synced: credentialDeviceType === 'multiDevice',
        created: clock.now(),
        lastUsed: undefined,
      }
      if (!(await repositories.passkeys.insert(record))) return refused
      core.emit('passkey-added', { sub, visit })
      core.mail(mails.changed(account.email, 'a passkey was added'))
      await core.signOut(sub, visit.session, { visit, detail: 'a passkey was added' })
      return viewOf(record)
    },

    async beginSignIn(sub) {
      const own = sub === undefined ? [] : await repositories.passkeys.of(sub)
      return generateAuthenticationOptions({
        rpID: rpId,
        challenge: challenges.issue('sign-in', sub ?? ''),
        userVerification: 'required',
        allowCredentials: own.map(descriptorOf),
      })
    },

    async finishSignIn(sub, response, visit) {
      await door.turn()
      const retryMs = await door.admit(visit, undefined)
      if (retryMs !== undefined) return { refused: 'throttled', retryMs }
      const parsed = parsePasskeyResponse(response)
      const passkey = parsed && (await repositories.passkeys.byId(parsed.id))
      const record = passkey && (await repositories.accounts.bySub(passkey.sub))
      const isOwn =
        record?.disabled === false &&
        (sub === undefined || sub === record.sub) &&
        (parsed?.userHandle === undefined || parsed.userHandle === handleOf(record.sub))
      const proven =
        passkey !== undefined && isOwn && (await prove(passkey, parsed?.challenge ?? '', response, sub ?? ''))
      if (!proven) {
        core.emit('passkey-failed', { sub: record?.sub, visit, failed: true })
        return refused
      }
      await door.giveBack(visit)
      core.emit('passkey-sign-in', { sub: record.sub, visit })
      const amr = [passkey.synced ? 'swk' : 'hwk', 'mfa']
      return {
        account: await core.accountOf(record),
        secondFactorNeeded: false,
        device: await door.remember(visit, record.sub),
        amr: sub === undefined ? amr : ['pwd', ...amr],
      }
    },

    async list(sub) {
      return (await repositories.passkeys.of(sub)).map(viewOf)
    },

    async remove(sub, id, visit) {
      const record = await repositories.accounts.bySub(sub)
      if (record === undefined) return refused
      const totp = await repositories.factors.totp(sub)
      const others = (await repositories.passkeys.of(sub)).filter((one) => one.id !== id)
      if (others.length === 0 && totp?.confirmed !== true && !record.passwordAlone)
        return { refused: 'password-too-short' }
      if (!(await repositories.passkeys.remove(sub, id))) return undefined
      core.emit('passkey-removed', { sub, visit })
      core.mail(mails.changed(record.email, 'a passkey was removed'))
      await core.signOut(sub, visit.session, { visit, detail: 'a passkey was removed' })
      return undefined
    },
  }

  /** Signature, challenge, origin, rpId, user verification and counter; the challenge is spent by it. */
  async function prove(
    passkey: PasskeyRecord,
    challenge: string,
    response: unknown,
    sub: string,
  ): Promise<boolean> {
    const verified = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: (given) => challenges.isFresh(given, 'sign-in', sub),
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
        transports: [...passkey.transports],
      },
    }).catch(() => undefined)
    if (verified?.verified !== true || !(await challenges.spend(challenge))) return false
    await repositories.passkeys.used(passkey.id, verified.authenticationInfo.newCounter, clock.now())
    return true
  }
}

function descriptorOf(record: PasskeyRecord): { id: string; transports: string[] } {
  return { id: record.id, transports: [...record.transports] }
}

function viewOf({ id, name, created, lastUsed, synced }: PasskeyRecord): PasskeyView {
  return { id, name, created, lastUsed, synced }
}
