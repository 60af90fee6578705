import Type, { type TSchema } from 'typebox'
import { anomalySection } from './anomaly-section.ts'
import { apiKeySection } from './api-key-section.ts'
import { apiSection } from './api-section.ts'
import { auditSection } from './audit-section.ts'
import { authoritySection } from './authority-section.ts'
import { certificatesSection } from './certificates-section.ts'
import {
  boundsSection,
  logSection,
  stateSchema,
  storeSection,
  timeoutsSection,
  trustedProxiesSchema,
  workersSchema,
} from './gateway-section.ts'
import { issuerSection } from './issuer-section.ts'
import { adminSection, listenSection } from './listen-section.ts'
import { overloadSection } from './overload-section.ts'
import { sealingSection } from './sealing-section.ts'
import { shape } from './shape.ts'
import { tracesSection } from './traces-section.ts'
import { namePattern } from './words.ts'

const name = Type.String({ pattern: namePattern })

/** The whole of `sallyport.yaml`: from it come the validator, the schema for editors and docs/configuration.md. */
export const configSchema: TSchema = shape('Configuration of Sallyport.', {
  listen: listenSection.schema,
  admin: Type.Optional(adminSection.schema),
  trustedProxies: trustedProxiesSchema,
  workers: workersSchema,
  state: stateSchema,
  store: storeSection.schema,
  timeouts: timeoutsSection.schema,
  bounds: boundsSection.schema,
  log: logSection.schema,
  overload: overloadSection.schema,
  issuers: Type.Record(name, issuerSection.schema, {
    additionalProperties: false,
    description: 'Who vouches for callers, by a name of your choice.',
    default: {},
  }),
  keys: Type.Optional(apiKeySection.schema),
  certificates: Type.Optional(certificatesSection.schema),
  authority: Type.Optional(authoritySection.schema),
  sealing: Type.Optional(sealingSection.schema),
  anomalies: anomalySection.schema,
  audit: auditSection.schema,
  traces: Type.Optional(tracesSection.schema),
  apis: Type.Record(name, apiSection.schema, {
    additionalProperties: false,
    minProperties: 1,
    description: 'APIs behind the gateway, by a name of your choice.',
  }),
})
