import { type Place, placesOf } from './template-places.ts'

const maker: unique symbol = Symbol('html')

/** Markup that is safe by construction: only `html` makes it, so no text becomes markup by accident. */
export class Html {
  readonly #markup: string

  constructor(by: typeof maker, markup: string) {
    if (by !== maker) throw new TypeError('markup comes from html`…` alone')
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

/** What stands between tags: text is escaped, markup stays, lists are joined, nothing is nothing. */
export type Content = string | number | Html | undefined | false | readonly Content[]

/**
 * Markup from a template. Values are escaped for the place where they stand: text, a double-quoted attribute, a
 * link (whose scheme is checked), or, between attributes, markup of `attributes()`. Any other place (scripts,
 * styles, tag names, unquoted or event attributes) throws when the template is first used.
 */
export function html(strings: TemplateStringsArray, ...values: readonly (Content | Attributes)[]): Html {
  const places = placesOf(strings)
  let markup = strings[0] ?? ''
  for (const [index, value] of values.entries())
    markup += fill(places[index] ?? 'text', value) + (strings[index + 1] ?? '')
  return new Html(maker, markup)
}

/** Optional attributes of one element: `false` and `undefined` leave one out, `true` writes its name alone. */
export class Attributes {
  readonly #pairs: readonly (readonly [string, string | number | true])[]

  constructor(given: Readonly<Record<string, string | number | boolean | undefined>>) {
    this.#pairs = Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [[name, value] as const],
    )
    for (const [name] of this.#pairs)
      if (
        !/^(?:aria|data)-[a-z-]+$|^(?:autofocus|checked|disabled|hidden|id|maxlength|minlength|required|value)$/.test(
          name,
        )
      )
        throw new TypeError(`attribute ${name} is not written by attributes()`)
  }

  toString(): string {
    return this.#pairs
      .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escapeText(String(value))}"`))
      .join('')
  }
}

/** Short for `new Attributes(…)`. */
export function attributes(
  given: Readonly<Record<string, string | number | boolean | undefined>>,
): Attributes {
  return new Attributes(given)
}

function fill(place: Place, value: Content | Attributes): string {
  if (place === 'attributes') {
    if (value instanceof Attributes) return value.toString()
    throw new TypeError('between attributes only attributes() may stand')
  }
  if (value instanceof Attributes) throw new TypeError('attributes() stands inside a tag')
  if (place === 'text') return contentOf(value)
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError('an attribute takes a string or a number')
  return escapeText(place === 'url' ? safeUrl(String(value)) : String(value))
}

function contentOf(value: Content): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return String(value)
  if (!Array.isArray(value)) throw new TypeError('only text, numbers and markup are shown')
  return value.map(contentOf).join('')
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
])

/** Text for both text and double-quoted attributes. Control characters and lone surrogates become U+FFFD. */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'`]/g, (character) => escapes.get(character) ?? '')
}

const schemes: ReadonlySet<string> = new Set(['https:', 'http:', 'otpauth:'])

/** Paths of this server and links of a known scheme; anything else (`javascript:`, `data:`, `//host`) leads nowhere. */
function safeUrl(url: string): string {
  if (/^\/(?![/\\])[^\\\s]*$/.test(url) || /^#[\w-]*$/.test(url)) return url
  const parsed = URL.parse(url)
  return parsed !== null && schemes.has(parsed.protocol) ? parsed.href : 'about:invalid'
}
