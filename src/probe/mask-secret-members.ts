/** Values of members that hold secrets, in a JSON text, however much of it there is. */
export function maskSecretMembers(text: string): string {
  return text
    .replaceAll(
      /("[^"\\]{0,40}(?:passw|secret|token|hash|apikey|api_key|private|cvv|cvc|ssn|otp|pin)[^"\\]{0,20}"\s*:\s*)"(?:[^"\\]|\\.){1,2000}"?/gi,
      '$1"[masked]"',
    )
    .replaceAll(/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, '[token]')
}
