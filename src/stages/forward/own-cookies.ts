/** Cookies of the gateway's own sign-in pages: the session of the authorization server, the known device. */
const own = /^(?:__Host-|__Secure-)?sallyport(?:[-._]|$)/

/**
 * A `Cookie` value without the gateway's own cookies; empty where nothing is left. An API on the host of the
 * authorization server would otherwise be handed its users' sessions.
 */
export function withoutOwnCookies(value: string): string {
  if (!value.includes('sallyport')) return value
  return value
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !own.test(pair.split('=', 1)[0]?.trim() ?? ''))
    .join('; ')
}
