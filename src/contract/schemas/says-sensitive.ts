import { isObject, type JsonObject, own } from '../schema.ts'

/** True where a schema object itself says that its values are nobody's business: `format: password`, or our own word. */
export function saysSensitive(schema: JsonObject): boolean {
  const extension = own(schema, 'x-sallyport')
  const word = isObject(extension) ? own(extension, 'sensitive') : undefined
  return typeof word === 'boolean' ? word : own(schema, 'format') === 'password'
}
