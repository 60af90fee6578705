import type { Rule } from '../rule.ts'
import { api1ObjectRules } from './api1-objects.ts'
import { api1PlaceRules } from './api1-places.ts'
import { api2RequirementRules } from './api2-requirements.ts'
import { api2SchemeRules } from './api2-schemes.ts'
import { api2SignInRules } from './api2-sign-in.ts'
import { api3ClosedRules } from './api3-closed.ts'
import { api3PropertyRules } from './api3-properties.ts'
import { api3WritableRules } from './api3-writable.ts'
import { api4RateRules } from './api4-rates.ts'
import { api4SchemaRules } from './api4-schemas.ts'
import { api4SizeRules } from './api4-sizes.ts'
import { api5FunctionRules } from './api5-functions.ts'
import { api5ScopeRules } from './api5-scopes.ts'
import { api6Rules } from './api6-flows.ts'
import { api7Rules } from './api7-urls.ts'
import { api8ErrorRules } from './api8-errors.ts'
import { api8InputRules } from './api8-input.ts'
import { api8MediaRules } from './api8-media.ts'
import { api8TransportRules } from './api8-transport.ts'
import { api9InventoryRules } from './api9-inventory.ts'
import { api9ServerRules } from './api9-servers.ts'
import { api10Rules } from './api10-consumption.ts'

/** Every rule of the audit, by risk. */
export const auditRules: readonly Rule[] = [
  ...api1ObjectRules,
  ...api1PlaceRules,
  ...api2RequirementRules,
  ...api2SchemeRules,
  ...api2SignInRules,
  ...api3ClosedRules,
  ...api3PropertyRules,
  ...api3WritableRules,
  ...api4RateRules,
  ...api4SchemaRules,
  ...api4SizeRules,
  ...api5FunctionRules,
  ...api5ScopeRules,
  ...api6Rules,
  ...api7Rules,
  ...api8ErrorRules,
  ...api8InputRules,
  ...api8MediaRules,
  ...api8TransportRules,
  ...api9InventoryRules,
  ...api9ServerRules,
  ...api10Rules,
]

const byId: ReadonlyMap<string, Rule> = new Map(auditRules.map((rule) => [rule.id, rule]))

export function ruleById(id: string): Rule | undefined {
  return byId.get(id)
}
