import { payloadOf, type Row } from './cases.ts'

/** One request as it goes over the wire. */
export interface Wire {
  readonly carrier: string
  readonly bytes: Buffer
}

/** The requests of a case: a payload in each of its carriers, a request as it is. */
export function wiresOf(row: Row): Wire[] {
  if (row.request !== undefined) return [requestWire(row)]
  const payload = payloadOf(row)
  if (payload === undefined) return []
  const place = row.place ?? []
  if (row.kind === 'json_body' || place.includes('json_body') || place.includes('json_body_whole'))
    return [post('json body', isJson(payload) ? 'application/json' : 'text/plain', payload)]
  if (place.includes('url_field') || place.includes('url_host'))
    return [post('url', 'application/json', JSON.stringify({ url: payload }))]
  if (place.includes('query_or_form_raw'))
    return [get('query', `/any?${payload.replace(/[^\x21-\x7e]|[#\\]/g, (c) => encodeURIComponent(c))}`)]
  if (place.includes('xml_body')) return [post('xml', 'application/xml', payload)]
  if (place.includes('http_example')) return [post('text', 'text/plain', payload)]
  return [
    post('json', 'application/json', JSON.stringify({ value: payload })),
    get('query', `/any?value=${encoded(payload)}`),
    post('form', 'application/x-www-form-urlencoded', `value=${encoded(payload)}`),
  ]
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const agent =
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: */*\r\n'

function get(carrier: string, target: string): Wire {
  return {
    carrier,
    bytes: Buffer.from(`GET ${target} HTTP/1.1\r\nHost: gateway.test\r\n${agent}Connection: close\r\n\r\n`),
  }
}

function post(carrier: string, type: string, body: string): Wire {
  const length = Buffer.byteLength(body)
  return {
    carrier,
    bytes: Buffer.from(
      `POST /any HTTP/1.1\r\nHost: gateway.test\r\n${agent}Content-Type: ${type}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`,
    ),
  }
}

function requestWire(row: Row): Wire {
  const { method = 'GET', target = '/', headers = [], body, body_b64, raw_b64 } = row.request ?? {}
  if (raw_b64 !== undefined) return { carrier: 'request', bytes: Buffer.from(raw_b64, 'base64') }
  const content = body_b64 === undefined ? Buffer.from(body ?? '') : Buffer.from(body_b64, 'base64')
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  let head = `${method} ${target} HTTP/1.1\r\n`
  if (!names.has('host')) head += 'Host: gateway.test\r\n'
  for (const [name, value] of headers) {
    if (/^(?:content-length|connection|transfer-encoding)$/i.test(name)) continue
    head += `${name}: ${value}\r\n`
  }
  // What go-ftw adds where a test says nothing.
  if (content.length > 0 && !names.has('content-type'))
    head += 'Content-Type: application/x-www-form-urlencoded\r\n'
  if (content.length > 0 || method === 'POST') head += `Content-Length: ${content.length}\r\n`
  return {
    carrier: 'request',
    bytes: Buffer.concat([Buffer.from(`${head}Connection: close\r\n\r\n`), content]),
  }
}
