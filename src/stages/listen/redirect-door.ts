import type { Door } from '../../kernel/door.ts'
import type { Arrived, Reply } from '../../kernel/facts.ts'
import { deny } from '../../kernel/verdict.ts'

/** Where a redirect listener sends callers. */
export interface RedirectTarget {
  /** Host names we serve; the first is where callers of any other host are sent. */
  readonly hosts: readonly string[]
  /** Port of the TLS listener. */
  readonly port: number
}

/**
 * The door of a `redirect: https` listener: 308 for GET and HEAD, to a configured host alone (row N11), and
 * `LISTEN_TLS_REQUIRED` for all that may carry a body or change something.
 */
export function createRedirectDoor(target: () => RedirectTarget, reject: Door['reject']): Door {
  const door: Door = {
    reject,
    decide: (arrived) => door.enter(arrived),
    enter(arrived) {
      const { hosts, port } = target()
      const asked = arrived.authority.replace(/:[0-9]+$/, '')
      const host = hosts.includes(asked) ? asked : hosts[0]
      if (host === undefined || (arrived.method !== 'GET' && arrived.method !== 'HEAD'))
        return Promise.resolve(refuse(arrived, reject))
      const authority = port === 443 ? host : `${host}:${port}`
      const query = arrived.query === '' ? '' : `?${arrived.query}`
      const location = `https://${authority}${arrived.path}${query}`
      const fields = ['Location', location, 'X-Request-Id', arrived.id, 'Cache-Control', 'no-store']
      return Promise.resolve({ status: 308, fields, body: undefined, close: true })
    },
  }
  return door
}

function refuse(arrived: Arrived, reject: Door['reject']): Reply {
  const { id, time, channel, peer, client, method, path, trail } = arrived
  const denial = deny('LISTEN_TLS_REQUIRED', 'listen.redirect', 'plain HTTP where TLS is required')
  trail.note('listen', denial.check, 'deny', denial.code, denial.reason)
  return { ...reject({ id, time, channel, peer, client, method, path, denial, trail }), close: true }
}
