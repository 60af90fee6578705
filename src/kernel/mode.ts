/** How a control acts. `observe` records what it would have refused and lets the call pass. */
export type Mode = 'enforce' | 'observe' | 'off'

/** The controls that `apis.<name>.controls` can set one by one. */
export const controls = [
  'scope',
  'function',
  'object',
  'property',
  'limit',
  'schema',
  'injection',
  'response-schema',
  'secrets',
  'context',
] as const

export type Control = (typeof controls)[number]
