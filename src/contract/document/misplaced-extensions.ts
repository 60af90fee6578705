import { isObject, type JsonObject, own, pointerToken } from '../schema.ts'
import type { Source } from './read-source.ts'
import type { Report } from './report.ts'

/** Members whose keys are names of the author's. */
const nameMaps: ReadonlySet<string> = new Set(
  'paths webhooks schemas parameters responses requestBodies headers securitySchemes links callbacks pathItems properties patternProperties dependentSchemas $defs definitions content encoding variables mapping scopes'.split(
    ' ',
  ),
)
/** Members that are values, not parts of the contract. */
const values: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'const'])

/**
 * Reports every `x-sallyport` that stands where none is read, so that no rule is written in vain. `read` are those that
 * were read; one that only names an object type, or says what is sensitive, may stand at any schema.
 */
export function reportMisplaced(
  root: JsonObject,
  read: ReadonlySet<unknown>,
  report: Report,
  source: Source,
): void {
  const seen = new Set<object>()
  const visit = (node: unknown, pointer: string, names: boolean): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return
    seen.add(node)
    if (Array.isArray(node)) {
      for (const [i, child] of node.entries()) visit(child, `${pointer}/${i}`, false)
      return
    }
    const object = node as JsonObject
    for (const key of Object.keys(object)) {
      const at = `${pointer}/${pointerToken(key)}`
      if (names) visit(object[key], at, false)
      else if (key === 'x-sallyport') complain(object[key], at, pointer)
      else if (!key.startsWith('x-') && !values.has(key)) visit(object[key], at, nameMaps.has(key))
    }
  }
  const complain = (extension: unknown, at: string, pointer: string): void => {
    if (read.has(extension) || /^\/(?:components\/)?parameters\/[^/]+$/.test(pointer)) return
    if (!isObject(extension)) {
      report.error('contract.extension', '`x-sallyport` must be an object', source, at)
      return
    }
    const marks = Object.keys(extension)
    if (
      marks.length > 0 &&
      marks.every(
        (key) =>
          (key === 'object' && typeof own(extension, key) === 'string') ||
          (key === 'sensitive' && typeof own(extension, key) === 'boolean'),
      )
    )
      return
    report.error(
      'contract.extension',
      '`x-sallyport` is not read here',
      source,
      at,
      'write it at an operation, a parameter, a component schema, or a property of one',
    )
  }
  visit(root, '', false)
}
