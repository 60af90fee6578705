import Type, { type TSchema } from 'typebox'
import { namePattern } from './document/words.ts'
import { anomalySection } from './sections/anomaly-section.ts'
import { apiKeySection } from './sections/api-key-section.ts'
import { apiSection } from './sections/api-section.ts'
import { auditSection } from './sections/audit-section.ts'
import { authoritySection } from './sections/authority-section.ts'
import { certificatesSection } from './sections/certificates-section.ts'
import {
  boundsSection,
  logSection,
  stateSchema,
  storeSection,
  timeoutsSection,
  trustedProxiesSchema,
  workersSchema,
} from './sections/gateway-section.ts'
import { identitySection } from './sections/identity-section.ts'
import { issuerSection } from './sections/issuer-section.ts'
import { adminSection, listenSection } from './sections/listen-section.ts'
import { overloadSection } from './sections/overload-section.ts'
import { sealingSection } from './sections/sealing-section.ts'
import { tracesSection } from './sections/traces-section.ts'
import { shape } from './shape.ts'

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
  identity: identitySection.schema,
  anomalies: anomalySection.schema,
  audit: auditSection.schema,
  traces: Type.Optional(tracesSection.schema),
  apis: Type.Record(name, apiSection.schema, {
    additionalProperties: false,
    minProperties: 1,
    description: 'APIs behind the gateway, by a name of your choice.',
  }),
})
