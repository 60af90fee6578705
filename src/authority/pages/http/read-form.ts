import type { IncomingMessage } from 'node:http'
import { parseForm } from '../../../media/form.ts'

/** Fields of a form: every name once, but for those that may repeat. */
export interface Form {
  /** The field, or the empty string. */
  text(name: string): string
  /** All values of a field that may repeat (`scope`). */
  all(name: string): readonly string[]
}

/** A form that cannot be read: the page says so, with this status. */
export class BadForm extends Error {
  readonly status: 400 | 413 | 415

  constructor(status: 400 | 413 | 415, reason: string) {
    super(reason)
    this.name = 'BadForm'
    this.status = status
  }
}

const mostBytes = 16_384
const repeating: ReadonlySet<string> = new Set(['scope'])

/**
 * Reads a posted form strictly: only `application/x-www-form-urlencoded`, at most 16 KiB, UTF-8, no field twice.
 * Rejects with `BadForm`.
 */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const pairs = parseForm(await readFormText(request))
  if (pairs === undefined) throw new BadForm(400, 'malformed form')
  const fields = new Map<string, string[]>()
  for (const { name, value } of pairs) {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else if (repeating.has(name)) values.push(value)
    else throw new BadForm(400, 'a field is there twice')
  }
  return {
    text: (name) => fields.get(name)?.[0] ?? '',
    all: (name) => fields.get(name) ?? [],
  }
}

/** The text of a posted form, still encoded: of the right type, at most 16 KiB. Rejects with `BadForm`. */
export async function readFormText(request: IncomingMessage): Promise<string> {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?)?$/i.test(type))
    throw new BadForm(415, 'not a form')
  if (request.headers['content-encoding'] !== undefined) throw new BadForm(415, 'a coded form')
  return (await readBody(request)).toString('latin1')
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw new BadForm(413, 'too long')
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request) {
      length += (chunk as Buffer).length
      if (length > mostBytes) throw new BadForm(413, 'too long')
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (error instanceof BadForm) throw error
    throw new BadForm(400, 'the form ended early')
  }
  return Buffer.concat(chunks)
}
