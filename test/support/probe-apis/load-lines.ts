import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { createDevKeys } from '../../../examples/travel/dev-keys.ts'
import { compilePolicy } from '../../../src/app/policy/compile-policy.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { Unusable } from '../../../src/kernel/finding.ts'

/**
 * Puts each line that a report gives into a `sallyport.yaml` of its contract, as an operator would, loads it and compiles the
 * policy. Resolves to what is wrong with them: nothing where every line can be used as it is.
 */
export async function loadLines(lines: readonly string[], contract: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'probe-lines-'))
  const wrong: string[] = []
  try {
    const { jwks } = await createDevKeys(folder)
    for (const line of new Set(lines)) {
      const told: unknown = parse(
        line
          .replaceAll('ISSUER', 'local')
          .replace('contract: openapi.yaml', `contract: ${JSON.stringify(contract)}`),
      )
      if (typeof told !== 'object' || told === null || Object.keys(told).length === 0) {
        wrong.push(`${line}: no mapping`)
        continue
      }
      const file = join(folder, 'sallyport.yaml')
      writeFileSync(
        file,
        stringify({
          listen: [{ address: '127.0.0.1:0' }],
          issuers: {
            local: { issuer: 'https://id.example', audience: 'api', algorithms: ['ES256'], keys: { jwks } },
          },
          apis: { api: { contract, upstream: 'http://127.0.0.1:9', ...told } },
        }),
      )
      try {
        await compilePolicy(await loadConfig(file, {}))
      } catch (error) {
        if (!(error instanceof Unusable)) throw error
        wrong.push(`${line}: ${error.findings.map(({ message }) => message).join('; ')}`)
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return wrong
}
