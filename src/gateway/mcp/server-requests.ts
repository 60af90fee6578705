import { asksForSecret } from './asks-for-secret.ts'
import { isRecord } from './json-rpc.ts'

/** What a server may ask of a client and of the user in front of it. */
export interface ServerRequests {
  /** Forms; those that ask for secrets are refused all the same. */
  readonly forms: boolean
  /** Hosts whose pages a user may be sent to, lower-case; `*.example.com` stands for every name below it. */
  readonly urls: readonly string[]
  /** The server writes to the model of the client. */
  readonly sampling: boolean
  /** The server reads what files the client works on. */
  readonly roots: boolean
}

/** Requests of one answer. */
const mostRequests = 16
/** Fields of one form. */
const mostFields = 64
const primitive = new Set(['string', 'number', 'integer', 'boolean', 'array'])

/** Why a request of a server to its client does not leave; undefined where it may. Names nothing of what it says. */
export function refusedRequest(
  policy: ServerRequests,
  method: string,
  params: Readonly<Record<string, unknown>>,
): string | undefined {
  switch (method) {
    case 'ping':
      return undefined
    case 'elicitation/create':
      return params['mode'] === undefined || params['mode'] === 'form'
        ? refusedForm(policy, params)
        : params['mode'] === 'url'
          ? refusedUrl(policy, params['url'])
          : 'elicitation of an unknown mode'
    case 'sampling/createMessage':
      return policy.sampling ? undefined : 'sampling is not allowed'
    case 'roots/list':
      return policy.roots ? undefined : 'listing roots is not allowed'
    default:
      return 'a request that no client is asked'
  }
}

/**
 * Why a result does not leave because of what it asks for: `inputRequests` of an interim result (revision 2026-07-28), or the
 * pages of an error that wants some opened (−32042, revision 2025-11-25).
 */
export function refusedResult(
  policy: ServerRequests,
  message: Readonly<Record<string, unknown>>,
): string | undefined {
  const { result, error } = message
  if (isRecord(error) && isRecord(error['data']) && error['data']['elicitations'] !== undefined)
    return refusedPages(policy, error['data']['elicitations'])
  if (
    !isRecord(result) ||
    (result['resultType'] !== 'input_required' && result['inputRequests'] === undefined)
  )
    return undefined
  const requests = result['inputRequests']
  if (requests === undefined) return undefined
  if (!isRecord(requests)) return 'input requests that cannot be read'
  const list = Object.values(requests)
  if (list.length > mostRequests) return 'too many input requests'
  for (const one of list) {
    if (!isRecord(one) || typeof one['method'] !== 'string') return 'an input request that cannot be read'
    const params = one['params'] ?? {}
    if (!isRecord(params)) return 'an input request that cannot be read'
    const refused =
      one['method'] === 'ping'
        ? 'a request that no client is asked'
        : refusedRequest(policy, one['method'], params)
    if (refused !== undefined) return refused
  }
  return undefined
}

function refusedPages(policy: ServerRequests, pages: unknown): string | undefined {
  if (!Array.isArray(pages) || pages.length > mostRequests) return 'pages that cannot be read'
  for (const page of pages) {
    if (!isRecord(page)) return 'a page that cannot be read'
    const refused = refusedUrl(policy, page['url'])
    if (refused !== undefined) return refused
  }
  return undefined
}

function refusedForm(policy: ServerRequests, params: Readonly<Record<string, unknown>>): string | undefined {
  if (!policy.forms) return 'forms are not allowed'
  const { message, requestedSchema: schema } = params
  if (
    typeof message !== 'string' ||
    !isRecord(schema) ||
    schema['type'] !== 'object' ||
    !isRecord(schema['properties'])
  )
    return 'a form that cannot be read'
  const fields = Object.entries(schema['properties'])
  if (fields.length > mostFields) return 'a form of too many fields'
  let free = false
  for (const [name, field] of fields) {
    // Forms are flat: what is nested, or refers elsewhere, could hide what it asks for.
    if (!isRecord(field) || !primitive.has(String(field['type'])) || '$ref' in field)
      return 'a form that is not flat'
    if (
      field['type'] === 'array' &&
      !(isRecord(field['items']) && isChoice(field['items'], ['anyOf', 'enum']))
    )
      return 'a form that is not flat'
    if (field['format'] === 'password') return 'a form that asks for a secret'
    if (isChoice(field, ['enum', 'oneOf']) || field['type'] === 'boolean' || field['type'] === 'array')
      continue
    free = true
    if (asksForSecret(name, true)) return 'a form that asks for a secret'
    for (const key of ['title', 'description', 'default', 'pattern'])
      if (typeof field[key] === 'string' && asksForSecret(field[key])) return 'a form that asks for a secret'
  }
  return free && asksForSecret(message) ? 'a form that asks for a secret' : undefined
}

/** One of values that the server wrote down itself. */
function isChoice(field: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return keys.some((key) => Array.isArray(field[key]))
}

function refusedUrl(policy: ServerRequests, url: unknown): string | undefined {
  if (typeof url !== 'string' || url.length > 2_048) return 'a page that cannot be read'
  const parsed = URL.parse(url)
  if (parsed === null || parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '')
    return 'a page that is not https'
  // What another parser could read as another host.
  if (/[\s\\\p{Cf}\p{Cc}]/u.test(url)) return 'a page that cannot be read in one way'
  const host = parsed.hostname.toLowerCase()
  const listed = policy.urls.some((one) =>
    one.startsWith('*.') ? host.endsWith(one.slice(1)) && host.length > one.length - 1 : host === one,
  )
  return listed ? undefined : 'a page of a host that is not on the list'
}
