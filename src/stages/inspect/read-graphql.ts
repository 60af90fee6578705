import type { MediaContract } from '../../kernel/operation.ts'
import type { QueryPair } from '../../kernel/query.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { GraphqlLimits } from '../../media/graphql.ts'
import { parseJson } from '../../media/json.ts'
import type { MediaType } from '../../media/media-type.ts'
import type { ReadBody } from './body.ts'
import type { InspectPlan } from './plan.ts'

const check = 'inspect.graphql'

/** The parser is two hundred modules: a gateway without an operation that speaks GraphQL starts without it. */
export function loadGraphql(): Promise<typeof import('../../media/graphql.ts')> {
  return import('../../media/graphql.ts')
}

interface GraphqlBody {
  readonly media: MediaContract
  readonly mediaType: MediaType
  readonly body: Uint8Array
  readonly plan: InspectPlan
  /** The parsed JSON body, or the document of `application/graphql`. */
  readonly value: unknown
  /** The same with exact numbers. */
  readonly exact: unknown
}

/**
 * A GraphQL request, judged by what it asks for; its strings and variables are what is scanned, its document is not a
 * text. Refuses with `INSPECT_GRAPHQL`.
 */
export async function readGraphql(asked: GraphqlBody): Promise<ReadBody | Denial> {
  const { media, mediaType, body, plan, value, exact } = asked
  const { judgeGraphqlDocument, judgeGraphqlRequest } = await loadGraphql()
  const limits = plan.graphql as GraphqlLimits
  const judged =
    typeof value === 'string' && media.kind === 'text'
      ? judgeGraphqlDocument(value, limits)
      : judgeGraphqlRequest(value, limits)
  if (typeof judged === 'string') return deny('INSPECT_GRAPHQL', check, judged)
  return {
    input: { value: exact, body, mediaType: mediaType.text },
    errors: media.validate(value),
    scanned: { value: judged, media, bytes: body.length, loose: true },
  }
}

/** A GraphQL request in the query (GraphQL over HTTP §5.2): `query`, `variables`, `operationName`. */
export async function judgeGraphqlQuery(
  pairs: readonly QueryPair[],
  limits: GraphqlLimits,
): Promise<Denial | undefined> {
  const value = (name: string): string | undefined => pairs.find((pair) => pair.name === name)?.value
  const document = value('query')
  if (document === undefined) return undefined
  const text = value('variables')
  let variables: unknown
  if (text !== undefined && text !== '') {
    const json = parseJson(Buffer.from(text))
    if (typeof json === 'string') return deny('INSPECT_JSON', check, json)
    variables = json.value
  }
  const { judgeGraphqlRequest } = await loadGraphql()
  const judged = judgeGraphqlRequest(
    { query: document, variables, operationName: value('operationName') },
    limits,
  )
  return typeof judged === 'string' ? deny('INSPECT_GRAPHQL', check, judged) : undefined
}
