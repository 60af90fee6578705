import type { CodeKeywordDefinition, KeywordCxt } from 'ajv'
import { _, Name } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { regExpEngine } from '../pattern/pattern.ts'
import { formats } from '../schemas/formats.ts'
import { isMultiple, isUnique } from './equality.ts'
import type { Unit } from './unit.ts'

export interface AjvKind {
  /** Collect all errors, not the first alone. */
  readonly allErrors: boolean
  /** Read own properties alone: for schemas that name `constructor`, `toString` and the like. */
  readonly ownProperties: boolean
  /** Track what was evaluated, for `unevaluatedProperties` and `unevaluatedItems`. */
  readonly unevaluated: boolean
}

const vErrors = new Name('vErrors')
const errorCount = new Name('errors')
const instancePath = new Name('instancePath')

/**
 * An ajv that knows `unit` (the index of another validator, entered by a call), and whose `uniqueItems`,
 * `multipleOf`, patterns and formats are ours. Schemas were checked before and are not checked again.
 */
export function createAjv(kind: AjvKind, units: readonly Unit[]): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    messages: false,
    logger: false,
    allErrors: kind.allErrors,
    ownProperties: kind.ownProperties,
    formats: Object.fromEntries(formats),
    code: { regExp: regExpEngine, optimize: false },
  })
  ajv.opts.unevaluated = kind.unevaluated
  ajv.removeKeyword('uniqueItems')
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword(unitKeyword(units))
  ajv.addKeyword(
    testKeyword('uniqueItems', 'array', 'boolean', (data, on) => on !== true || isUnique(data as unknown[])),
  )
  ajv.addKeyword(
    testKeyword('multipleOf', 'number', 'number', (data, by) => isMultiple(data as number, by as number)),
  )
  return ajv
}

function unitKeyword(units: readonly Unit[]): CodeKeywordDefinition {
  return {
    keyword: 'unit',
    schemaType: 'number',
    code(cxt: KeywordCxt) {
      const { gen, data, it } = cxt
      const unit = gen.scopeValue('keyword', { ref: units[cxt.schema as number] })
      const path = _`${instancePath} + ${it.errorPath}`
      const valid = it.allErrors ? _`${unit}.runAll(${data})` : _`${unit}.run(${data})`
      const found = it.allErrors ? _`${unit}.errorsAll(${path})` : _`${unit}.errors(${path})`
      cxt.result(valid, undefined, () => {
        gen.assign(vErrors, _`${vErrors} === null ? ${found} : ${vErrors}.concat(${found})`)
        gen.assign(errorCount, _`${vErrors}.length`)
      })
    },
  }
}

function testKeyword(
  keyword: string,
  type: 'array' | 'number',
  schemaType: 'boolean' | 'number',
  test: (data: unknown, schema: unknown) => boolean,
): CodeKeywordDefinition {
  return {
    keyword,
    type,
    schemaType,
    error: { message: '' },
    code(cxt: KeywordCxt) {
      const { gen, data, schemaCode } = cxt
      cxt.pass(_`${gen.scopeValue('func', { ref: test })}(${data}, ${schemaCode})`)
    },
  }
}
