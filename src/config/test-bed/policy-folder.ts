import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import { parseConfig } from '../load-config.ts'

/** The smallest useful file of the public contract. */
export const smallest = `listen: [{ address: 127.0.0.1:8080 }]
issuers:
  travel: { issuer: https://id.travel.example, audience: https://api.travel.example, algorithms: [ES256] }
apis:
  travel: { contract: travel.openapi.yaml, upstream: http://127.0.0.1:4000 }
`

export interface PolicyFolder {
  readonly folder: string
  /** Name of the configuration; texts are parsed as if they stood there. */
  readonly file: string
  put(name: string, text: string, mode?: number): string
  /** Why a text is refused; fails where it is not. */
  refusals(text: string, env?: Readonly<Record<string, string>>): readonly Finding[]
}

/** A folder with the files that the tests' configurations name; removed when the tests are over. */
export function createPolicyFolder(): PolicyFolder {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'sallyport.yaml')
  const put = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), mode)
    return join(folder, name)
  }
  put('travel.openapi.yaml', '{}')
  for (const name of ['server.crt', 'server.key', 'devices.crt']) put(name, 'pem')
  return {
    folder,
    file,
    put,
    refusals(text, env = {}) {
      try {
        parseConfig(text, file, env)
      } catch (error) {
        assert.ok(error instanceof Unusable, String(error))
        return error.findings
      }
      assert.fail('was accepted')
    },
  }
}

/** `rule line:column` of each. */
export function places(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, place }) => `${rule} ${place?.line}:${place?.column}`)
}
