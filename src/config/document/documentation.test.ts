import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { configSchema } from '../config-schema.ts'
import { editorSchema } from './editor-schema.ts'

const root = join(import.meta.dirname, '..', '..', '..')

test('generated pages are what the code says', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'docs.ts'), '--check'], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
})

test('the schema for editors is a valid JSON Schema that a strict validator takes', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false })
  const validate = ajv.compile(editorSchema() as object)
  const apis = { a: { contract: 'a.yaml', upstream: 'http://127.0.0.1:1' } }
  assert.ok(validate({ listen: [{ address: '127.0.0.1:1' }], apis }), JSON.stringify(validate.errors))
  assert.ok(!validate({ listen: [{ address: '127.0.0.1:1' }], apis, isuers: {} }))
})

test('the schema of the configuration is one: a start does not look', () => {
  const ajv = new Ajv2020({ strict: true })
  assert.ok(ajv.validateSchema(configSchema), ajv.errorsText())
  assert.equal(ajv.validateSchema({ type: 'sometext' }), false)
})

test('every key is described', () => {
  interface Node {
    readonly description?: string
    readonly properties?: Record<string, Node>
    readonly patternProperties?: Record<string, Node>
    readonly items?: Node
    readonly anyOf?: readonly Node[]
  }
  const missing: string[] = []
  const walk = (node: Node, path: string): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      if (child.description === undefined) missing.push(`${path}.${name}`)
      walk(child, `${path}.${name}`)
    }
    for (const child of [
      ...Object.values(node.patternProperties ?? {}),
      ...(node.anyOf ?? []),
      ...(node.items === undefined ? [] : [node.items]),
    ])
      walk(child, path)
  }
  walk(configSchema as Node, '')
  assert.deepEqual(missing, [])
})
