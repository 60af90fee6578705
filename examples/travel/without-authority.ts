/**
 * The example's policy without its authorization server, which must know its own port before it listens: for whatever
 * brings tokens of the development issuer. Changes the parsed file in place.
 */
// biome-ignore lint/suspicious/noExplicitAny: the parsed file, which is changed as a user would
export function withoutAuthority(config: any): void {
  delete config.authority
  config.apis.travel.security = { bearerAuth: ['travel'] }
  for (const rule of Object.values<{ issuer?: unknown }>(config.apis.travel.objects)) delete rule.issuer
}
