import {
  type ArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'

/** What one GraphQL request may ask for. */
export interface GraphqlLimits {
  /** Fields inside fields, fragments opened. */
  readonly depth: number
  /** Fields under another name, fragments opened. */
  readonly aliases: number
  /** Fields to be answered; those below a list count as often as the list is asked to be long. */
  readonly cost: number
  /** Words and signs of a document. */
  readonly tokens: number
  /** Requests in one body. */
  readonly batch: number
  /** Whether a caller may ask what the schema is. */
  readonly introspection: boolean
}

/** Why a GraphQL request was refused: fixed words, no input. */
export type GraphqlProblem =
  | 'not a graphql request'
  | 'no document'
  | 'too many requests in a batch'
  | 'syntax'
  | 'no such operation'
  | 'unknown fragment'
  | 'fragment cycle'
  | 'too deep'
  | 'too many aliases'
  | 'too costly'
  | 'introspection'

/** What a request carries beside its document: strings in it, variables, names. */
export type GraphqlTexts = readonly unknown[]

interface Weight {
  readonly depth: number
  readonly aliases: number
  readonly cost: number
}

/** Arguments by which lists are asked to be long. */
const lengths = new Set(['first', 'last', 'limit', 'take', 'top', 'count', 'size', 'pageSize', 'perPage'])
const nothing: Weight = { depth: 0, aliases: 0, cost: 0 }

class Refused extends Error {
  readonly problem: GraphqlProblem
  constructor(problem: GraphqlProblem) {
    super(problem)
    this.problem = problem
  }
}

/**
 * Judges the JSON body of a GraphQL request, `{ query, variables, operationName, extensions }` or a batch of them
 * (GraphQL over HTTP §5.1), before anybody runs it. Returns the texts that are free, for the scan, or the problem.
 */
export function judgeGraphqlRequest(value: unknown, limits: GraphqlLimits): GraphqlTexts | GraphqlProblem {
  if (!Array.isArray(value)) return judgeOne(value, limits)
  if (value.length === 0 || value.length > limits.batch) return 'too many requests in a batch'
  const texts: unknown[] = []
  for (const one of value) {
    const judged = judgeOne(one, limits)
    if (typeof judged === 'string') return judged
    texts.push(...judged)
  }
  return texts
}

function judgeOne(value: unknown, limits: GraphqlLimits): GraphqlTexts | GraphqlProblem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a graphql request'
  const request = new Map<string, unknown>(Object.entries(value))
  const document = request.get('query')
  const name = request.get('operationName') ?? undefined
  const variables = request.get('variables') ?? undefined
  if (typeof document !== 'string') return 'no document'
  if (name !== undefined && typeof name !== 'string') return 'not a graphql request'
  if (variables !== undefined && (typeof variables !== 'object' || Array.isArray(variables)))
    return 'not a graphql request'
  const judged = judgeGraphqlDocument(document, limits, name, new Map(Object.entries(variables ?? {})))
  if (typeof judged === 'string') return judged
  request.delete('query')
  return [...judged, Object.fromEntries(request)]
}

/** Judges a document; every operation in it must keep the limits. Returns the strings that stand in it. */
export function judgeGraphqlDocument(
  document: string,
  limits: GraphqlLimits,
  operationName?: string,
  variables: ReadonlyMap<string, unknown> = new Map(),
): GraphqlTexts | GraphqlProblem {
  let tree: DocumentNode
  try {
    tree = parse(document, { maxTokens: limits.tokens, noLocation: true })
  } catch {
    return 'syntax'
  }
  const operations: OperationDefinitionNode[] = []
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of tree.definitions) {
    if (definition.kind === 'OperationDefinition') operations.push(definition)
    else if (definition.kind === 'FragmentDefinition' && !fragments.has(definition.name.value))
      fragments.set(definition.name.value, definition)
    // Type definitions, or a name twice: no request.
    else return 'syntax'
  }
  const names = operations.map((one) => one.name?.value)
  if (new Set(names).size < names.length) return 'syntax'
  if (operations.length !== 1 && operationName === undefined) return 'no such operation'
  if (operationName !== undefined && !names.includes(operationName)) return 'no such operation'
  try {
    const weigh = createScale(fragments, variables, limits)
    for (const { selectionSet } of operations) {
      const weight = weigh(selectionSet)
      if (weight.depth > limits.depth) return 'too deep'
      if (weight.aliases > limits.aliases) return 'too many aliases'
      if (weight.cost > limits.cost) return 'too costly'
    }
  } catch (error) {
    if (error instanceof Refused) return error.problem
    throw error
  }
  const strings: string[] = []
  collectStrings(tree, strings)
  return strings
}

/** Weighs selections; each fragment once, however often it is opened. */
function createScale(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: ReadonlyMap<string, unknown>,
  limits: GraphqlLimits,
): (set: SelectionSetNode) => Weight {
  const known = new Map<string, Weight | 'open'>()

  function weighFragment(name: string): Weight {
    const weight = known.get(name)
    if (weight === 'open') throw new Refused('fragment cycle')
    if (weight !== undefined) return weight
    const fragment = fragments.get(name)
    if (fragment === undefined) throw new Refused('unknown fragment')
    known.set(name, 'open')
    const made = weigh(fragment.selectionSet)
    known.set(name, made)
    return made
  }

  function weigh(set: SelectionSetNode): Weight {
    let depth = 0
    let aliases = 0
    let cost = 0
    for (const selection of set.selections) {
      let inner: Weight
      if (selection.kind === 'Field') {
        const field = selection.name.value
        if (!limits.introspection && (field === '__schema' || field === '__type'))
          throw new Refused('introspection')
        const below = selection.selectionSet === undefined ? nothing : weigh(selection.selectionSet)
        inner = {
          depth: below.depth + 1,
          aliases: below.aliases + (selection.alias === undefined ? 0 : 1),
          cost: 1 + below.cost * lengthOf(selection.arguments, variables),
        }
      } else if (selection.kind === 'InlineFragment') inner = weigh(selection.selectionSet)
      else inner = weighFragment(selection.name.value)
      depth = Math.max(depth, inner.depth)
      aliases += inner.aliases
      cost += inner.cost
    }
    return { depth, aliases, cost }
  }

  return weigh
}

/** How long a list is asked to be, as far as the request says. */
function lengthOf(
  list: readonly ArgumentNode[] | undefined,
  variables: ReadonlyMap<string, unknown>,
): number {
  let most = 1
  for (const { name, value } of list ?? []) {
    if (!lengths.has(name.value)) continue
    const asked =
      value.kind === 'IntValue'
        ? Number(value.value)
        : value.kind === 'Variable'
          ? variables.get(value.name.value)
          : 1
    if (typeof asked === 'number' && asked > most) most = asked
  }
  return most
}

/** Strings of arguments, defaults and directives. The parser bounds how deep they lie. */
function collectStrings(node: object, into: string[]): void {
  if ('kind' in node && node.kind === 'StringValue' && 'value' in node) {
    into.push(String(node.value))
    return
  }
  for (const inner of Object.values(node) as unknown[])
    if (typeof inner === 'object' && inner !== null) collectStrings(inner, into)
}
