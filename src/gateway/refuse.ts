import type { Reply } from '../kernel/facts.ts'
import { type ProblemCode, problemOf } from '../kernel/problem.ts'
import type { Denial } from '../kernel/verdict.ts'
import { defaultPolicy, securityFields } from '../stages/screen/reply-fields.ts'

const quota = 'https://iana.org/assignments/http-problem-types#quota-exceeded'
const reduced = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity'
const abnormal = 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected'

/** The `type` of a code (RFC 9457 §3.1.1): registered where one fits, else our own name. */
export function problemType(code: ProblemCode): string {
  if (code === 'LIMIT_RATE' || code === 'LIMIT_QUEUE' || code === 'LISTEN_ADDRESS_LIMIT') return quota
  if (code === 'LIMIT_OVERLOAD') return reduced
  if (code === 'LIMIT_LOCKED') return abnormal
  return `urn:sallyport:problem:${code.toLowerCase().replaceAll('_', '-')}`
}

const heads = new Map<ProblemCode, string>()

function headOf(code: ProblemCode): string {
  let head = heads.get(code)
  if (head === undefined) {
    const { status, title } = problemOf(code)
    head = JSON.stringify({ type: problemType(code), title, status, code }).slice(0, -1)
    heads.set(code, head)
  }
  return head
}

/**
 * The one door from refusal to bytes (RFC 9457): type, title, status, code, instance, and for schema and limit
 * refusals what is wrong. Reason and cause stay for the record.
 */
export function refuse(denial: Denial, id: string, secure: boolean): Reply {
  const problem = problemOf(denial.code)
  let body = `${headOf(denial.code)},"instance":${JSON.stringify(id)}`
  if (denial.errors !== undefined) body += `,"errors":${JSON.stringify(denial.errors)}`
  if (denial.violated !== undefined) body += `,"violated-policies":${JSON.stringify(denial.violated)}`
  const fields = [
    'Content-Type',
    'application/problem+json',
    'Cache-Control',
    'no-store',
    'X-Request-Id',
    id,
    ...securityFields(secure),
    ...defaultPolicy,
    ...(denial.fields ?? []),
  ]
  const reply = { status: problem.status, fields, body: Buffer.from(`${body}}`) }
  return problem.close === true ? { ...reply, close: true } : reply
}
