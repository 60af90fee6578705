import Type, { type TArray, type TString, type TUnion } from 'typebox'

/** Formats of the schema: what a text must look like, with an example for messages. */
export const formats: ReadonlyMap<string, { readonly says: string; readonly example: string }> = new Map([
  ['duration', { says: 'a duration', example: '30s' }],
  ['size', { says: 'a size', example: '1MiB' }],
  ['rate', { says: 'a rate', example: '100/min' }],
  ['quota', { says: 'a quota', example: '10000/day' }],
  ['address', { says: 'an address with a port', example: '127.0.0.1:8080' }],
  ['cidr', { says: 'an address block', example: '10.0.0.0/8' }],
  ['destination', { says: 'a host with a port, or an address block', example: 'app.internal:8443' }],
  ['host', { says: 'a host name', example: 'api.example.com' }],
  ['base-path', { says: 'a path that starts with a slash and does not end with one', example: '/v1' }],
])

/** Name of an issuer, an API, an object type: it may become part of a metric, a token, a URL. */
export const namePattern = '^[A-Za-z][A-Za-z0-9_-]{0,63}$'

export function text(description: string, more: { default?: string; examples?: string[] } = {}): TString {
  return Type.String({ minLength: 1, description, ...more })
}

export function duration(description: string, byDefault: string): TString {
  return Type.String({ format: 'duration', description, default: byDefault })
}

export function size(description: string, byDefault: string): TUnion<[TString, import('typebox').TInteger]> {
  return Type.Union([Type.String({ format: 'size' }), Type.Integer({ minimum: 1 })], {
    description,
    default: byDefault,
  })
}

/** A name of a file, relative to the configuration. */
export function file(description: string): TString {
  return Type.String({ minLength: 1, description })
}

export function oneOrMore(description: string): TUnion<[TString, TArray<TString>]> {
  return Type.Union(
    [Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })],
    {
      description,
    },
  )
}

/** A text or a list of texts, as a list. */
export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
