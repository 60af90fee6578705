import type { Arrived, Matched, Reply } from '../kernel/facts.ts'
import type { Denial } from '../kernel/verdict.ts'
import { answerPreflight, type CorsPolicy, corsFields, isPreflight, refuseForeignOrigin } from './cors.ts'
import { below, candidatesOf, type Mount } from './match.ts'

/** A mount with what pages of other origins may do there. */
export interface SharedMount extends Mount {
  readonly cors: CorsPolicy | undefined
}

/** What a call's origin may do and read. */
export interface Sharing {
  /** The reply to a preflight for a declared path of an API that shares; undefined for all other calls. */
  preflight(arrived: Arrived): Reply | undefined
  /** `AUTHORIZE_ORIGIN` for a page that rides on a user's cookies or opens a WebSocket. */
  refuseForeign(matched: Matched): Denial | undefined
  /** The reply with what the origin may read of it. */
  share(arrived: Arrived, reply: Reply): Reply
}

export function createSharing(mounts: readonly SharedMount[]): Sharing {
  const choose = candidatesOf(mounts)
  const anyShares = mounts.some((mount) => mount.cors !== undefined)
  const policies = new Map(mounts.map((mount) => [mount.api, mount.cors]))

  function mountOf(arrived: Arrived): SharedMount | undefined {
    return choose(arrived.authority).find((mount) => below(mount.basePath, arrived.path) !== undefined)
  }

  return {
    preflight(arrived) {
      if (!anyShares || !isPreflight(arrived)) return undefined
      for (const mount of choose(arrived.authority)) {
        const path = below(mount.basePath, arrived.path)
        if (path === undefined || mount.cors === undefined) continue
        // No operation has this method, so the router answers with those that the path has.
        const found = mount.router.find('', path)
        if (found !== undefined && 'allow' in found) return answerPreflight(mount.cors, arrived, found.allow)
      }
      return undefined
    },
    refuseForeign(matched) {
      if (!matched.fields.has('origin')) return undefined
      return refuseForeignOrigin(policies.get(matched.operation.api)?.origins ?? [], matched)
    },
    share(arrived, reply) {
      if (!anyShares) return reply
      const origin = arrived.fields.get('origin')
      const cors = mountOf(arrived)?.cors
      if (cors === undefined || origin === undefined) return reply
      return { ...reply, fields: [...reply.fields, ...corsFields(cors, origin)] }
    },
  }
}
