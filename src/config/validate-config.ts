import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { TSchema } from 'typebox'
import type { Finding } from '../kernel/finding.ts'
import { configSchema } from './config-schema.ts'
import type { Reading } from './reading.ts'
import { parseAddress } from './values/parse-address.ts'
import { parseCidr } from './values/parse-cidr.ts'
import { parseDuration } from './values/parse-duration.ts'
import { parseQuota } from './values/parse-quota.ts'
import { parseRate } from './values/parse-rate.ts'
import { parseSize } from './values/parse-size.ts'
import { explainError } from './yaml/explain-error.ts'

let compiled: ValidateFunction | undefined

function validator(): ValidateFunction {
  compiled ??= createAjv().compile(configSchema)
  return compiled
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    useDefaults: false,
    // Ours: a test compares it with the meta-schema, not every start. What runs once is not made faster first.
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  })
  ajv.addFormat('duration', (text: string) => parseDuration(text) !== undefined)
  ajv.addFormat('size', (text: string) => (parseSize(text) ?? 0) > 0)
  ajv.addFormat('rate', (text: string) => parseRate(text) !== undefined)
  ajv.addFormat('quota', (text: string) => parseQuota(text) !== undefined)
  ajv.addFormat('address', (text: string) => parseAddress(text) !== undefined)
  ajv.addFormat('cidr', (text: string) => parseCidr(text) !== undefined)
  ajv.addFormat(
    'destination',
    (text: string) =>
      parseCidr(text) !== undefined || /^([^\s/@:[\]*]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/.test(text),
  )
  ajv.addFormat(
    'host',
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
  )
  ajv.addFormat('base-path', /^(\/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+$/)
  return ajv
}

/** Compiles a schema of this folder; what it returns tells every way in which a value is not what the schema says. */
export function compileShape(schema: TSchema): (value: unknown, reading: Reading) => readonly Finding[] {
  const validate = createAjv().compile(schema)
  return (value, reading) => findingsOf(validate, value, reading)
}

/** Every way in which a value is not what the schema says; empty when it is. */
export function validateConfig(value: unknown, reading: Reading): readonly Finding[] {
  return findingsOf(validator(), value, reading)
}

function findingsOf(validate: ValidateFunction, value: unknown, reading: Reading): readonly Finding[] {
  if (validate(value)) return []
  if (retype(value, validate.errors ?? [], reading) && validate(value)) return []
  return withoutEchoes(relevant(validate.errors ?? []).map((error) => explainError(error, reading)))
}

/** A key that is missing because it was misspelt is told once. */
function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const misspelt = new Set(
    findings.flatMap(({ rule, fix, place }) =>
      rule === 'config.unknown-key'
        ? [`${place?.pointer?.replace(/\/[^/]*$/, '')} ${fix?.replace(/^write /, '')}`]
        : [],
    ),
  )
  return findings.filter(
    ({ rule, message, place }) =>
      rule !== 'config.missing-key' || !misspelt.has(`${place?.pointer} ${message.split(' ', 1)[0]}`),
  )
}

/** A substituted text is a text: where the schema wants a number, it is read as one. */
function retype(root: unknown, errors: readonly ErrorObject[], reading: Reading): boolean {
  let changed = false
  for (const { instancePath, keyword, params, data } of errors) {
    if (keyword !== 'type' || typeof data !== 'string' || !reading.isSubstituted(instancePath)) continue
    const wanted = String(params['type'])
    const value =
      /^-?\d{1,15}(\.\d+)?$/.test(data) && /integer|number/.test(wanted)
        ? Number(data)
        : wanted === 'boolean' && /^(true|false)$/.test(data)
          ? data === 'true'
          : undefined
    if (value === undefined) continue
    const tokens = instancePath
      .slice(1)
      .split('/')
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = tokens.pop() ?? ''
    let parent = root
    for (const token of tokens) parent = (parent as Record<string, unknown>)[token]
    ;(parent as Record<string, unknown>)[last] = value
    changed = true
  }
  return changed
}

/**
 * Of a failed union, ajv reports every branch: keep only what concerns the branch that the author meant, which is
 * the one of the value's own type; where none is, the failed union itself.
 */
function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = [...errors]
  for (const union of errors.filter((error) => error.keyword === 'anyOf')) {
    const inside = kept.filter(
      (error) =>
        error !== union &&
        error.schemaPath.startsWith(`${union.schemaPath}/`) &&
        error.instancePath.startsWith(union.instancePath),
    )
    const branchOf = (error: ErrorObject): string =>
      error.schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0] ?? ''
    const wrongType = new Set(
      inside
        .filter(
          (e) =>
            e.instancePath === union.instancePath &&
            (e.keyword === 'type' || e.keyword === 'const' || e.keyword === 'enum'),
        )
        .map(branchOf),
    )
    const meant = inside.filter((error) => !wrongType.has(branchOf(error)))
    kept = kept.filter((error) =>
      meant.length > 0
        ? error !== union && (!inside.includes(error) || meant.includes(error))
        : !inside.includes(error),
    )
  }
  // A bad name under `patternProperties` is told once, by `additionalProperties`.
  return kept.filter((error) => error.keyword !== 'propertyNames')
}
