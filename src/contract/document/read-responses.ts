import type { DeclaredResponse } from '../declared.ts'
import { isObject, type JsonObject, own } from '../schema.ts'
import type { DocumentReader, Located } from './document.ts'
import { readContent } from './read-parameters.ts'
import { quoted } from './report.ts'

export function readResponses(reader: DocumentReader, at: Located): readonly DeclaredResponse[] {
  const responses: DeclaredResponse[] = []
  for (const { name, value, pointer } of reader.entries(at, 'responses', '`responses`')) {
    if (name.startsWith('x-')) continue
    const status = /^[1-5]xx$/i.test(name) ? name.toUpperCase() : name
    if (!/^(?:[1-5](?:\d\d|XX)|default)$/.test(status)) {
      reader.warn('contract.status', `response ${quoted(name)} is not a status`, at, `/responses`)
      continue
    }
    const response = reader.object(value, at.resource, pointer, 'a response')
    responses.push(
      response === undefined
        ? { status, media: [], headers: [], links: [] }
        : {
            status,
            media: readContent(reader, response),
            headers: namesIn(response.node, 'headers'),
            links: readLinks(reader, response),
          },
    )
  }
  return responses
}

function namesIn(node: JsonObject, key: string): readonly string[] {
  const map = own(node, key)
  return isObject(map) ? Object.keys(map) : []
}

/** Runtime expressions of `links` that lead into the body: `bookingId: $response.body#/id` (OpenAPI 3.1 §4.8.20). */
function readLinks(reader: DocumentReader, at: Located): DeclaredResponse['links'] {
  const links: { pointer: string; parameter: string }[] = []
  for (const { value, pointer } of reader.entries(at, 'links', '`links`')) {
    // Links only help to tell object types apart: one that is a reference, which may lead nowhere, is passed over.
    if (isObject(value) && own(value, '$ref') !== undefined) continue
    const link = reader.object(value, at.resource, pointer, 'a link')
    const parameters = link === undefined ? undefined : own(link.node, 'parameters')
    if (!isObject(parameters)) continue
    for (const name of Object.keys(parameters)) {
      const body = /^\$response\.body#(\/.*)$/.exec(String(parameters[name]))?.[1]
      if (body !== undefined)
        links.push({ pointer: body, parameter: name.replace(/^(?:path|query|header|cookie)\./, '') })
    }
  }
  return links
}
