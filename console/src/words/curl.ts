import type { CallEvent } from '../api/shapes.ts'

const credential: Readonly<Record<string, string>> = {
  jwt: `-H "Authorization: Bearer $TOKEN"`,
  opaque: `-H "Authorization: Bearer $TOKEN"`,
  dpop: `-H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF"`,
  'api-key': `-H "X-API-Key: $KEY"`,
  certificate: `--cert "$CERTIFICATE" --key "$PRIVATE_KEY"`,
}

/** The call as a command: what was secret is a variable of the shell, what was not recorded is left out. */
export function curlOf(event: CallEvent): string {
  const parts = ['curl', '-i']
  if (event.method !== 'GET') parts.push('-X', quote(event.method))
  const kind = credential[event.credentialKind]
  if (kind !== undefined) parts.push(kind)
  if (event.bytesIn > 0 && event.method !== 'GET')
    parts.push('-H', quote('Content-Type: application/json'), '--data', '@body.json')
  parts.push(`"$GATE"${quote(event.path)}`)
  return parts.join(' ')
}

/** One word of the shell, whatever it holds: nothing inside single quotes is read, and control characters are encoded. */
function quote(text: string): string {
  if (/^[\w./:@%+=-]+$/.test(text)) return text
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => encodeURIComponent(character))
  return `'${plain.replaceAll("'", `'\\''`)}'`
}
