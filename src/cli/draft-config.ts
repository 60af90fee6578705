// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { ObjectIds } from '../contract/objects/id-map.ts'
import { memberOf } from '../contract/objects/object-ids.ts'
import type { Operation, SecurityScheme } from '../kernel/operation.ts'
import { type GuessedObject, guessObjects, isStaffOperation } from './guess-objects.ts'

export interface Draft {
  readonly api: string
  /** As they are to be written: relative to the file. */
  readonly contract: string
  readonly upstream: string
  readonly operations: readonly Operation[]
  readonly schemes: readonly SecurityScheme[]
  /** Object types of the contract. */
  readonly ids: ObjectIds
}

/** A commented `sallyport.yaml` with the policy that a contract implies. */
export function draftConfig({ api, contract, upstream, operations, schemes, ids }: Draft): string {
  return `# Written by \`sallyport init\`. Every key: docs/configuration.md. \`sallyport check\` validates it.
listen:
  - address: 127.0.0.1:8080
admin: { address: 127.0.0.1:9090 }

issuers:
  # A development issuer whose keys are in .sallyport/: \`sallyport token --issuer development --subject me\`.
  # Before anybody else reaches the gateway put your own in its place, with \`issuer\`, \`audience\`, \`algorithms\`
  # and \`keys: discovery\`, and remove \`signingKey\`.
  development:
    issuer: https://development.invalid
    audience: ${api}
    algorithms: [ES256]
    keys: { jwks: .sallyport/jwks.json }
    signingKey: .sallyport/signing-key.json
${keyLines(schemes)}
apis:
  ${api}:
    contract: ${quoted(contract)}
    upstream: ${quoted(upstream)}
${[...securityLines(schemes), ...openLines(operations), ...functionLines(operations), ...objectLines(operations, ids), ...limitLines(operations)].map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}
`
}

/** A text as YAML reads it back, with `${` kept as it is. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', () => '$${'))
}

/** API keys come in one header: that of the first scheme that has them in one. */
function keyLines(schemes: readonly SecurityScheme[]): string {
  const scheme = schemes.find(takesKey)
  if (scheme?.type !== 'apiKey') return ''
  return `
# Keys that the gateway issues: \`sallyport keys create --name NAME --owner TEAM --scope "SCOPES"\`. A key names a
# program, never a person. Their digests are in the durable store.
keys: { header: ${quoted(scheme.field)} }
store: { durable: "sqlite:.sallyport/sallyport.db" }
`
}

function takesKey(scheme: SecurityScheme): boolean {
  return scheme.type === 'apiKey' && scheme.in === 'header' && scheme.field.toLowerCase() !== 'authorization'
}

function securityLines(schemes: readonly SecurityScheme[]): string[] {
  const header = schemes.find(takesKey)
  const uses: string[] = []
  const closed: string[] = []
  for (const scheme of schemes) {
    if (takesToken(scheme)) uses.push(`${quoted(scheme.name)}: [development]`)
    else if (scheme === header) uses.push(`${quoted(scheme.name)}: [keys]`)
    else closed.push(`# ${comment(scheme.name)}: ${whyClosed(scheme)}: what only it opens stays closed.`)
  }
  return [...(uses.length > 0 ? [`security: { ${uses.join(', ')} }`] : []), ...closed]
}

function whyClosed(scheme: SecurityScheme): string {
  if (scheme.type === 'mutualTLS') return 'client certificates need `certificates` and `clientAuthorities`'
  if (scheme.type === 'http')
    return `\`${comment(scheme.scheme)}\` sends a password with every call, which is not taken`
  if (scheme.type === 'apiKey' && scheme.in !== 'header')
    return `a key in the ${scheme.in} leaks into logs or is sent unasked, and is not taken`
  return 'keys come in one header'
}

function openLines(operations: readonly Operation[]): string[] {
  const silent = operations.filter((operation) => !operation.securityDeclared)
  if (silent.length === 0) return []
  return [
    '',
    '# The contract says nothing about who may call these. They stay closed until they are opened here, or until the',
    '# contract names a security scheme for them.',
    `# open: ${comment(list(silent.map((operation) => operation.id)))}`,
  ]
}

function takesToken(scheme: SecurityScheme): boolean {
  if (scheme.type === 'http') return scheme.scheme.toLowerCase() === 'bearer'
  return scheme.type === 'oauth2' || scheme.type === 'openIdConnect'
}

function functionLines(operations: readonly Operation[]): string[] {
  const staff = operations.filter((operation) => isStaffOperation(operation) && operation.security.length > 0)
  if (staff.length === 0) return []
  return [
    '',
    '# Functions of staff, by their path or tag.',
    'functions:',
    `  - { for: ${list(staff.map((operation) => operation.id))}, allow: "'admin' in caller.roles" }`,
  ]
}

function objectLines(operations: readonly Operation[], ids: ObjectIds): string[] {
  const objects = guessObjects(operations, ids)
  if (objects.length === 0) return []
  const active = objects.filter((object) => object.rule !== 'guess')
  const lines = ['', '# Whose an object is (OWASP API1).', active.length > 0 ? 'objects:' : '# objects:']
  const own = objects.filter((object) => object.rule === 'own')
  if (own.length > 0) lines.push('  # The id is the caller’s own, by its name.')
  for (const object of own) lines.push(...ownLines(object, operations, ids))
  const learned = objects.filter((object) => object.rule === 'learned')
  if (learned.length > 0)
    lines.push(
      '  # Replies give these: an id that no reply gave to a caller is foreign. First it is only watched; remove',
      '  # `mode: observe` once the events show that no honest call would be refused.',
    )
  for (const { name, ids: places } of learned) lines.push(`  ${name}: { ${learnedRule(places)} }`)
  const guesses = objects.filter((object) => object.rule === 'guess')
  if (guesses.length > 0)
    lines.push('  # Guesses. Until a rule guards them they are open doors, named at start.')
  for (const { name, ids: places, operations: named, reason } of guesses)
    lines.push(
      `  # ${name}: { ids: ${comment(list(places))}, learn: { mode: observe } }  # ${comment(reason)}${named.length > 0 ? `: ${comment(named.join(', '))}` : ''}`,
    )
  return lines
}

/** One rule for each parameter that names the caller: in every operation that has it, but not those of staff. */
function ownLines(object: GuessedObject, operations: readonly Operation[], ids: ObjectIds): string[] {
  return object.ids.map((id, i) => {
    const having = operations.filter(
      (operation) =>
        object.operations.includes(operation.id) &&
        ids.operations
          .get(operation.slot)
          ?.parameters.some((one) => `${one.in}${memberOf(one.name)}` === id && one.confidence !== 'guess'),
    )
    const name = i === 0 ? object.name : `${object.name}-by-${i + 1}`
    return `  ${name}: { for: ${list(having.map((one) => one.id))}, id: ${quoted(id)}, owner: ${quoted(id)} }`
  })
}

/** The parameter that names one, where its name alone says of which type it is. */
function learnedRule(places: readonly string[]): string {
  const place = places.find(
    (one) => one.startsWith('path.') && !/^path\.(?:id|uuid|sid|key|name)$/i.test(one),
  )
  const id = place === undefined ? '' : `id: ${quoted(place)}, `
  return `${id}learn: { mode: observe }`
}

const signIn = /login|log-in|sign-?in|signup|sign-?up|register|token|password|otp|verify/i

function limitLines(operations: readonly Operation[]): string[] {
  const tight = operations.filter(
    (operation) =>
      operation.method === 'POST' && (signIn.test(operation.template) || signIn.test(operation.id)),
  )
  const open = operations.filter((operation) => operation.security.length === 0 && !tight.includes(operation))
  const lines = ['', 'limits:', '  - { for: "*", per: caller, rate: 100/min, burst: 50 }']
  if (tight.length > 0) lines.push(`  - { for: ${list(tight.map((one) => one.id))}, per: ip, rate: 10/min }`)
  if (open.length > 0) lines.push(`  - { for: ${list(open.map((one) => one.id))}, per: ip, rate: 60/min }`)
  return lines
}

function list(ids: readonly string[]): string {
  return `[${ids.map(quoted).join(', ')}]`
}

/** A text of the contract in a comment: one line, nothing that ends it. */
function comment(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 300)
}
