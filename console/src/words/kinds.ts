/** Kinds of findings, for people. */
const kinds: Readonly<Record<string, string>> = {
  'sign-in-spike': 'Many failed sign-ins from one address',
  'account-attack': 'One account, tried from many addresses',
  stuffing: 'Failed sign-ins everywhere',
  'endpoint-spray': 'Looking for endpoints that do not exist',
  'object-enumeration': 'Trying one object after the other',
  'object-harvest': 'Touching far more objects than usual',
  exfiltration: 'Taking away far more data than usual',
  'shared-credential': 'One credential, used from several places',
  probing: 'Trying attacks again and again',
  'context-injection': 'Instructions to AI agents in a reply',
  'by-hand': 'Blocked by hand',
}

export function kindInWords(kind: string): string {
  return kinds[kind] ?? kind
}
