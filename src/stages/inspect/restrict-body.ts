import type { Input, Inspected } from '../../kernel/facts.ts'
import type { PropertyView } from '../../kernel/property-view.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { defaultJsonLimits, exactValue, parseJson, printableValue, printJson } from '../../media/json.ts'
import { parseMediaType } from '../../media/media-type.ts'

const check = 'authorize.property'

/**
 * Takes out of a judged body what the call may not write, or refuses with `AUTHORIZE_PROPERTY`. A JSON body that lost
 * something is printed anew, its numbers as they were read; a form is refused instead, since it is not printed again.
 */
export function restrictBody(inspected: Inspected, view: PropertyView, depth: number): Input | Denial {
  const { input } = inspected
  if (input.value === undefined) return input
  const essence = parseMediaType(input.mediaType ?? '')?.essence ?? ''
  const media = inspected.operation.input.body?.find(essence)
  if (media === undefined) return input
  if (media.kind !== 'json') {
    const copy = structuredClone(input.value)
    media.restrict(copy, view, copy)
    if (view.denial !== undefined) return view.denial
    return view.removed === 0
      ? input
      : deny('AUTHORIZE_PROPERTY', check, 'a property of a form may not be written')
  }
  // RFC 6902: a patch names properties in pointers, moves and copies, where no schema stands.
  if (essence === 'application/json-patch+json') return view.blind() ?? input
  if (!(input.body instanceof Uint8Array))
    return deny('GATEWAY_FAULT', check, 'a JSON body without its bytes')
  // Judged on a second parse: the first one belongs to the facts and stays what it was.
  const json = parseJson(input.body, { ...defaultJsonLimits, depth })
  if (typeof json === 'string') return deny('INSPECT_JSON', 'inspect.json', json)
  const printable = printableValue(json)
  media.restrict(json.value, view, printable)
  if (view.denial !== undefined) return view.denial
  if (view.removed === 0) return input
  const body = Buffer.from(printJson(printable, json.exact))
  const again = parseJson(body, { ...defaultJsonLimits, depth })
  if (typeof again === 'string') return deny('GATEWAY_FAULT', check, 'a printed body that does not parse')
  return { value: exactValue(again), body, mediaType: input.mediaType }
}
