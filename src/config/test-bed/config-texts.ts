import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import { parseConfig } from '../load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
after(() => rmSync(folder, { recursive: true }))
for (const name of ['api.yaml', 'cert.pem', 'jwks.json'])
  writeFileSync(join(folder, name), '{}', { mode: 0o600 })
writeFileSync(join(folder, 'key.pem'), 'key', { mode: 0o600 })

export const file: string = join(folder, 'sallyport.yaml')
const env = { SHORT: 'x'.repeat(31), LONG: 'y'.repeat(32), LONGER: 'z'.repeat(64) }

/** What is said of a configuration, whether it can be used or not. */
export function findingsOf(text: string): readonly Finding[] {
  try {
    return parseConfig(text, file, env).findings
  } catch (error) {
    if (error instanceof Unusable) return error.findings
    throw error
  }
}

export const listen: string = 'listen: [{ address: 127.0.0.1:0 }]\n'
export const issuers: string =
  'issuers:\n  i: { issuer: https://id.example, audience: api, algorithms: [ES256] }\n'
export const apis: string = 'apis:\n  a: { contract: api.yaml, upstream: http://127.0.0.1:4000 }\n'
export const api = (more: string, upstream = 'http://127.0.0.1:4000'): string =>
  `${listen}${issuers}apis:\n  a:\n    contract: api.yaml\n    upstream: ${upstream}\n${more}`
