import type { EventFilter } from '../kernel/ports.ts'
import type { QueryParameter, QueryValues } from './route.ts'

/** Stages whose problem codes say where a call was refused. */
const stages = [
  'listen',
  'match',
  'identify',
  'authorize',
  'limit',
  'inspect',
  'forward',
  'screen',
  'gateway',
] as const

export const text = (name: string, description: string, maxLength = 512): QueryParameter => ({
  name,
  description,
  schema: { type: 'string', maxLength },
})

const time = (name: string, description: string): QueryParameter => ({
  name,
  description,
  schema: { type: 'string', format: 'date-time', maxLength: 40 },
})

/** What events are filtered by. The names are those of `EventFilter`. */
export const eventQuery: readonly QueryParameter[] = [
  time('since', 'Not before (RFC 3339).'),
  time('until', 'Not after (RFC 3339).'),
  text('api', 'Name of the API.'),
  text('operation', 'Operation id.'),
  text('operationPrefix', 'How the operation id begins.', 128),
  text('sub', 'Subject of the caller.'),
  text('issuer', 'Name of the issuer.'),
  text('address', "The caller's address."),
  text('code', 'Problem code.'),
  {
    name: 'stage',
    description: 'Refused with a code of this stage.',
    schema: { type: 'string', maxLength: 16, enum: stages },
  },
  {
    name: 'status',
    description: 'Status the caller got.',
    schema: { type: 'integer', minimum: 100, maximum: 599 },
  },
  text('method', 'HTTP method, as it was sent.', 32),
  text('id', 'Request id.'),
  {
    name: 'outcome',
    description: 'Refused calls only, or only those that were not.',
    schema: { type: 'string', maxLength: 8, enum: ['denied', 'allowed'] },
  },
  text('q', 'Text within id, API, operation, caller, client, address, code, method, path or reason.', 256),
]

const filters: ReadonlySet<string> = new Set(eventQuery.map(({ name }) => name))

/** The filter of a query that was checked; an empty text asks for nothing. */
export function filterOf(query: QueryValues): EventFilter {
  const filter: Record<string, string | number> = {}
  for (const [name, value] of query)
    if (filters.has(name) && !(value === '' && (name === 'q' || name === 'operationPrefix')))
      filter[name] = value
  return filter as EventFilter
}
