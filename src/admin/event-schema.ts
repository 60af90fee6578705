const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const

/** JSON Schema of an audit event (kernel/event.ts). */
export const eventSchema: Readonly<Record<string, unknown>> = {
  type: 'object',
  required: ['time', 'sequence', 'id', 'address', 'method', 'path', 'api', 'operation', 'status'],
  properties: {
    time: { ...count, description: 'Milliseconds since the epoch.' },
    sequence: { ...count, description: 'Grows by one with each event of a process.' },
    id: { ...text, description: 'Request id.' },
    traceId: text,
    issuer: {
      ...text,
      description: 'Name of the issuer in the configuration; empty for an anonymous caller.',
    },
    sub: text,
    client: text,
    credential: { ...text, description: 'Digest that ties events of one credential together.' },
    scopes: { type: 'array', items: text, description: 'What the caller was allowed.' },
    roles: { type: 'array', items: text, description: 'What the caller was.' },
    credentialKind: { enum: ['jwt', 'dpop', 'opaque', 'api-key', 'certificate', 'none'] },
    address: { ...text, description: "The caller's address." },
    peer: { ...text, description: "Address of the socket's other end." },
    protocol: text,
    secure: { type: 'boolean' },
    method: text,
    path: { ...text, description: 'Canonical path without query.' },
    api: text,
    operation: text,
    objects: {
      type: 'array',
      items: { type: 'object', required: ['type', 'id'], properties: { type: text, id: text } },
    },
    status: { type: 'integer' },
    code: { ...text, description: 'Problem code; absent where the call was not refused.' },
    reason: { ...text, description: 'Why it was refused.' },
    notes: {
      type: 'array',
      description: 'What each check said.',
      items: {
        type: 'object',
        required: ['stage', 'check', 'verdict', 'observed'],
        properties: {
          stage: text,
          check: text,
          verdict: { enum: ['allow', 'deny', 'abstain'] },
          code: text,
          observed: { type: 'boolean' },
          reason: text,
          micros: { type: 'integer', description: 'Microseconds that the check took.' },
        },
      },
    },
    stages: {
      type: 'array',
      description: 'Stages in order, each with its microseconds.',
      items: { type: 'array', prefixItems: [text, { type: 'integer' }], minItems: 2, maxItems: 2 },
    },
    bytesIn: count,
    bytesOut: count,
    duration: { type: 'number', description: 'Milliseconds.' },
    upstreamStatus: { type: 'integer' },
    failedOpen: count,
  },
}
