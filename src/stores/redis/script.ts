import { createHash } from 'node:crypto'

/** A Lua script that works on one key. Servers know it by its digest, and are told it where they do not. */
export interface Script {
  readonly text: string
  readonly digest: string
}

/**
 * `now` comes first in every script of ours: in the server's own time, so that the clocks of the gateways need not agree, or
 * in that of who asks where `given` is not empty. Milliseconds from an origin that leaves a double room for 2^-16 ms.
 */
const time = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return (t[1] - 1767225600) * 1000 + t[2] / 1000
end
local function text(x) return string.format('%.17g', x) end
`

export function defineScript(body: string): Script {
  const text = (time + body).replaceAll(/^\s+/gm, '')
  return { text, digest: createHash('sha1').update(text).digest('hex') }
}
