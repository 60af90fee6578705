import type { Attack } from './attack.ts'
import { accessAttacks } from './attacks/access.ts'
import { identityAttacks } from './attacks/identity.ts'
import { inputAttacks } from './attacks/input.ts'

/** Every attack works against the upstream alone, and none passes the gate. */
export const attacks: readonly Attack[] = [...accessAttacks, ...identityAttacks, ...inputAttacks]
