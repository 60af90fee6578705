/** The eight stages of a call, in order; `record` and the gateway itself come beside them. */
export const stages = [
  { name: 'listen', asks: 'Is this one well-formed request, from an address in good standing?' },
  { name: 'match', asks: 'Which declared operation is it?' },
  { name: 'identify', asks: 'Who is calling, and who vouches for it?' },
  { name: 'authorize', asks: 'May this caller do this, to this object, with these properties?' },
  { name: 'limit', asks: 'Is there budget left, and may it go now?' },
  { name: 'inspect', asks: 'Is the input what the contract says, and free of attacks?' },
  { name: 'forward', asks: 'What does the upstream answer?' },
  { name: 'screen', asks: 'May this answer leave?' },
] as const

export type StageName = (typeof stages)[number]['name']

/** `AUTHORIZE_OBJECT` → `authorize` */
export function stageOfCode(code: string): string {
  const cut = code.indexOf('_')
  return (cut === -1 ? code : code.slice(0, cut)).toLowerCase()
}
