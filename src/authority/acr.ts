/** Authentication context classes: one factor, and two (or a passkey that verified its user). */
export const acr = {
  single: 'urn:sallyport:acr:single-factor',
  multi: 'urn:sallyport:acr:multi-factor',
} as const

/** The class that a sign-in by these methods (RFC 8176) reaches. */
export function acrOf(amr: readonly string[]): string {
  return amr.includes('mfa') ? acr.multi : acr.single
}

/** Whether a class is enough where one of `wanted` is asked for; a class that nobody here knows can never be. */
export function isEnough(reached: string | undefined, wanted: readonly string[]): boolean {
  return wanted.some((one) => one === reached || (one === acr.single && reached === acr.multi))
}
