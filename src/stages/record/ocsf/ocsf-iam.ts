import type { AuditEvent } from '../../../kernel/event.ts'
import { actorOf, common, endpointOf, type OcsfEvent, userOf } from './ocsf-parts.ts'

/** Account events that begin or end a session: Authentication, 1 Logon, 2 Logoff. */
const sessions: ReadonlyMap<string, 1 | 2> = new Map([
  ['account.sign-in', 1],
  ['account.sign-in-failed', 1],
  ['account.second-factor', 1],
  ['account.second-factor-failed', 1],
  ['account.passkey-sign-in', 1],
  ['account.passkey-failed', 1],
  ['account.recovery-code-used', 1],
  ['account.throttled', 1],
  ['account.stuffing', 1],
  ['account.session-ended', 2],
  ['account.sessions-ended', 2],
  ['admin.signIn', 1],
  ['admin.signOut', 2],
])

/** Account events that change an account: Account Change. 1 Create … 6 Delete, 9 Lock, 10 and 11 MFA factors, 12 Unlock. */
const changes: ReadonlyMap<string, number> = new Map([
  ['account.created', 1],
  ['account.enabled', 2],
  ['account.password-changed', 3],
  ['account.password-change-failed', 3],
  ['account.password-reset', 4],
  ['account.disabled', 5],
  ['account.removed', 6],
  ['account.locked', 9],
  ['account.totp-added', 10],
  ['account.passkey-added', 10],
  ['account.totp-removed', 11],
  ['account.passkey-removed', 11],
  ['account.factors-removed', 11],
  ['account.unlocked', 12],
  ['admin.createAccount', 1],
  ['admin.enableAccount', 2],
  ['admin.disableAccount', 5],
  ['admin.unlockAccount', 12],
  ['admin.signOutAccount', 99],
])

/** Changes of what is managed here: activity (1 Create, 3 Update, 4 Delete, 8 Enable, 9 Disable, 11 Deactivate), kind of entity. */
const entities: ReadonlyMap<string, readonly [activity: number, entity: string]> = new Map([
  ['admin.replacePolicy', [3, 'Policy']],
  ['admin.rollBackPolicy', [3, 'Policy']],
  ['admin.respondToFinding', [3, 'Finding']],
  ['admin.block', [1, 'Block']],
  ['admin.unblock', [4, 'Block']],
  ['admin.openLock', [4, 'Lock']],
  ['admin.endSession', [4, 'Session']],
  ['admin.enableClient', [8, 'Client']],
  ['admin.disableClient', [9, 'Client']],
  ['admin.enableKey', [8, 'API key']],
  ['admin.disableKey', [9, 'API key']],
  ['admin.revokeKey', [11, 'API key']],
])
const entityActivities: Readonly<Record<number, string>> = {
  1: 'Create',
  3: 'Update',
  4: 'Delete',
  8: 'Enable',
  9: 'Disable',
  11: 'Deactivate',
}

/** Identity and Access Management, where an event is that: a sign-in, a change of an account, of what it may, of what is managed. */
export function iamEventOf(event: AuditEvent, version: string): OcsfEvent | undefined {
  const { operation } = event
  const session = sessions.get(operation)
  if (session !== undefined) return authentication(event, session, version)
  const access = accessOf(event)
  if (access !== undefined) return accessChange(event, access, version)
  if (operation.startsWith('account.') || changes.has(operation)) return accountChange(event, version)
  const entity = entities.get(operation)
  return entity && entityChange(event, entity, version)
}

function authentication(event: AuditEvent, activity: 1 | 2, version: string): OcsfEvent {
  return {
    ...common(event, 3, 3002, activity, version),
    activity_name: activity === 1 ? 'Logon' : 'Logoff',
    user: userOf(event),
    service: { name: event.issuer === '' ? 'sallyport' : event.issuer },
    src_endpoint: endpointOf(event),
    is_remote: true,
    auth_protocol_id: 99,
    auth_protocol: 'Web sign-in',
  }
}

function accountChange(event: AuditEvent, version: string): OcsfEvent {
  const activity = changes.get(event.operation) ?? 99
  return {
    ...common(event, 3, 3001, activity, version),
    activity_name: event.operation.slice(event.operation.indexOf('.') + 1),
    user: changedUser(event),
    actor: actorOf(event),
    src_endpoint: endpointOf(event),
  }
}

/** A change of what is managed at the admin address, by whom, of which one. */
function entityChange(
  event: AuditEvent,
  [activity, type]: readonly [number, string],
  version: string,
): OcsfEvent {
  const [object] = event.objects
  return {
    ...common(event, 3, 3004, activity, version),
    activity_name: entityActivities[activity] ?? 'Other',
    entity: {
      type,
      type_id: type === 'Policy' ? 5 : 99,
      ...(object === undefined ? { name: type } : { uid: object.id }),
    },
    ...(event.reason !== undefined && { comment: event.reason }),
    actor: actorOf(event),
    src_endpoint: endpointOf(event),
  }
}

/** What somebody was given and what was taken away. */
interface Access {
  readonly granted: readonly string[]
  readonly removed: readonly string[]
  readonly user: object
}

/** Undefined where what somebody may did not change. */
function accessOf(event: AuditEvent): Access | undefined {
  const named = (type: string): string[] =>
    event.objects.filter((object) => object.type === type).map(({ id }) => id)
  switch (event.operation) {
    case 'account.roles-changed': {
      const access = { granted: named('role-granted'), removed: named('role-removed'), user: userOf(event) }
      return access.granted.length + access.removed.length === 0 ? undefined : access
    }
    case 'admin.setAccountRoles':
      // Which of them are new is on record with the account.
      return { granted: named('role'), removed: ['other roles'], user: changedUser(event) }
    case 'admin.revoke': {
      const [object] = event.objects
      const user =
        object === undefined || object.type === 'token'
          ? { name: 'unknown', type_id: 0 }
          : { uid: object.id, type_id: object.type === 'subject' ? 1 : 3 }
      return { granted: [], removed: [object?.type === 'token' ? 'a token' : 'issued tokens'], user }
    }
    default:
      return undefined
  }
}

function accessChange(event: AuditEvent, { granted, removed, user }: Access, version: string): OcsfEvent {
  const activity = removed.length === 0 ? 1 : granted.length === 0 ? 2 : 99
  const base = common(event, 3, 3005, activity, version)
  return {
    ...base,
    activity_name:
      activity === 1 ? 'Assign Privileges' : activity === 2 ? 'Revoke Privileges' : 'Set Privileges',
    user,
    privileges: [...granted, ...removed],
    actor: actorOf(event),
    src_endpoint: endpointOf(event),
    unmapped: { ...(base['unmapped'] as object), granted, removed },
  }
}

/** Whose account it is; an administrator's own is the actor's. */
function changedUser(event: AuditEvent): object {
  if (!event.operation.startsWith('admin.')) return userOf(event)
  const account = event.objects.find(({ type }) => type === 'accounts')
  return account === undefined ? { name: 'unknown', type_id: 0 } : { uid: account.id, type_id: 1 }
}
