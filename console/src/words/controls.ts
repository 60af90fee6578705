import type { ApiControl } from '../../../src/admin/contract.ts'

interface Control {
  readonly name: string
  /** The question that it answers. */
  readonly asks: string
}

const controls: Readonly<Record<string, Control>> = {
  authentication: { name: 'caller', asks: 'Does somebody vouch for the caller?' },
  scope: { name: 'scope', asks: 'Does the token carry what the operation needs?' },
  function: { name: 'function', asks: 'May this caller use this function at all?' },
  object: { name: 'object', asks: 'Is the object the caller’s own?' },
  'property-read': { name: 'read', asks: 'Which properties may the caller see?' },
  'property-write': { name: 'write', asks: 'Which properties may the caller change?' },
  flow: { name: 'flow', asks: 'Did the steps before this one happen?' },
  limit: { name: 'limit', asks: 'How often may it be called?' },
  validation: { name: 'input', asks: 'Is the input what the contract says?' },
  injection: { name: 'attack', asks: 'Is the input free of attacks?' },
  reply: { name: 'reply', asks: 'Is the reply what the contract says?' },
  content: { name: 'content', asks: 'Who wrote the texts in the reply?' },
}

export function controlInWords(control: string): Control {
  return controls[control] ?? { name: control, asks: '' }
}

/** What the state of a cell means. */
export const stateInWords: Readonly<Record<ApiControl['state'], string>> = {
  enforce: 'guarded',
  observe: 'watched only',
  off: 'nothing to guard',
  missing: 'open',
}
