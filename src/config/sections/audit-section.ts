import Type, { type Static } from 'typebox'
import { bytes, milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { AuditConfig } from '../types/record-config.ts'
import { auditSinkSchema, readAuditSink } from './audit-sink-section.ts'

const retentionSchema = shape(
  'What of the durable store is kept. Old events go in batches; the log stays verifiable.',
  {
    age: Type.Optional(
      Type.String({ format: 'duration', description: 'Events older than this go.', examples: ['90d'] }),
    ),
    events: Type.Optional(Type.Integer({ minimum: 1_000, description: 'Most events; the oldest go.' })),
    size: Type.Optional(
      Type.Union([Type.String({ format: 'size' }), Type.Integer({ minimum: 1 })], {
        description: 'Most bytes that a SQLite file uses; the oldest events go.',
        examples: ['10GiB'],
      }),
    ),
  },
)

const schema = shape(
  'Where audit events go beside the durable store and `log.events`, and how long they are kept.',
  {
    sinks: Type.Array(auditSinkSchema, { maxItems: 16, description: 'More places.', default: [] }),
    retention: { ...retentionSchema, default: {} } as typeof retentionSchema,
  },
)

/** `audit`. */
export const auditSection: Section<AuditConfig> = {
  schema: { ...schema, default: {} } as typeof schema,
  read(raw, pointer, reading) {
    const { sinks, retention } = raw as {
      readonly sinks: readonly unknown[]
      readonly retention: Static<typeof retentionSchema>
    }
    const names = new Set(['log', 'store'])
    return {
      sinks: sinks.flatMap((one, i) => readAuditSink(one, `${pointer}/sinks/${i}`, reading, names)),
      retention: {
        age: retention.age === undefined ? undefined : milliseconds(retention.age),
        events: retention.events,
        size: retention.size === undefined ? undefined : bytes(retention.size),
      },
      pointer,
    }
  },
}
