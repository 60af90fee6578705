// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join, relative } from 'node:path'
import { after, describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { thingsContract } from '../flow/things-contract.ts'

/** What is in deploy/ is read by what will read it, and what must agree does. */

const root = join(import.meta.dirname, '..', '..')
const deploy = join(root, 'deploy')
const folder = mkdtempSync(join(tmpdir(), 'sallyport-layouts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const files = readdirSync(deploy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(deploy, join(parentPath, name)))
const read = (file: string): string => readFileSync(join(deploy, file), 'utf8')

test('every YAML and JSON file parses, each document of it', () => {
  const found = files.filter((file) => /\.(?:ya?ml|json)$/.test(file))
  assert.ok(found.length >= 10, String(found))
  for (const file of found)
    for (const { errors, warnings } of parseAllDocuments(read(file)))
      assert.deepEqual([...errors, ...warnings], [], file)
})

interface Container {
  readonly name: string
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
}
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data?: Readonly<Record<string, string>>
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[]
        readonly volumes?: readonly { readonly name: string }[]
      }
    }
    readonly ports: readonly { readonly targetPort?: string; readonly name: string }[]
    readonly selector: Readonly<Record<string, unknown>>
  }
}

/** Reads an embedded configuration with stand-ins for the files that a pod would mount and for the environment. */
async function load(text: string, name: string): Promise<{ config: Config; variables: readonly string[] }> {
  const place = join(folder, name)
  const moved = text.replaceAll(/(?<=[ "])\/(?:etc|state)[^\s",}]*/g, (path) => join(place, path))
  for (const [path] of moved.matchAll(new RegExp(`${place}[^\\s",}]*`, 'g'))) {
    mkdirSync(dirname(path), { recursive: true })
    if (path.endsWith('openapi.yaml')) writeFileSync(path, thingsContract)
    else if (extname(path) !== '') writeFileSync(path, 'stands for a certificate or a key')
  }
  const variables = [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, one]) => one ?? ''))]
  const values: Record<string, string> = {
    DATABASE_URL: 'postgres://sallyport:secret@db.example/sallyport',
    REDIS_PASSWORD: 'a-password-of-redis',
    IDENTITY_KEY: Buffer.alloc(32, 7).toString('base64url'),
  }
  for (const one of variables) assert.ok(one in values, `${one} is known here`)
  writeFileSync(join(place, 'sallyport.yaml'), moved)
  const loaded = await loadConfig(join(place, 'sallyport.yaml'), values)
  await compilePolicy(loaded)
  return { config: loaded.config, variables }
}

for (const file of ['kubernetes/sallyport.yaml', 'cluster/cluster.yaml'])
  describe(file, () => {
    const manifests = parseAllDocuments(read(file)).map((document) => document.toJS() as Manifest)
    const pod = manifests.find(({ kind }) => kind === 'Deployment')?.spec.template.spec
    const container = pod?.containers.find(({ name }) => name === 'sallyport')
    const data = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'sallyport',
    )?.data
    const text = data?.['sallyport.yaml'] ?? ''

    test('its configuration is one that this version reads and compiles', async () => {
      const { config, variables } = await load(text, dirname(file))
      for (const one of variables)
        assert.match(read(file), new RegExp(`^#.*\\b${one}\\b`, 'm'), 'its head names it')
      const admin = `${config.admin?.host}:${config.admin?.port}`
      assert.ok(read(file).includes(`http://${admin}/readyz`), 'the probe asks where the admin address is')
    })

    test('files that the configuration names are mounted', () => {
      const mounts = (container?.volumeMounts ?? []).map(({ mountPath }) => mountPath)
      const named = [...text.matchAll(/(?<=[ ":])\/(?:etc|state)[^\s",}]*/g)].map(([path]) => path)
      assert.ok(named.length > 1)
      for (const path of [...named, container?.args?.[2] ?? ''])
        assert.ok(
          mounts.some((mount) => path === mount || path.startsWith(`${mount}/`)),
          path,
        )
      // A runtime cannot make the place of a mount within one that is read-only.
      for (const one of mounts)
        assert.ok(!mounts.some((other) => one.startsWith(`${other}/`)), `${one} lies in another mount`)
      for (const { volumeMounts = [] } of pod?.containers ?? [])
        for (const { name } of volumeMounts)
          assert.ok(
            pod?.volumes?.some((one) => one.name === name),
            name,
          )
    })

    test('services send to ports that containers have', () => {
      const ports = manifests.flatMap(({ spec, kind }) =>
        kind === 'Deployment' || kind === 'StatefulSet'
          ? spec.template.spec.containers.flatMap(({ ports: own = [] }) => own.map(({ name }) => name))
          : [],
      )
      const services = manifests.filter(({ kind }) => kind === 'Service')
      assert.ok(services.length > 0)
      for (const { spec } of services)
        for (const { targetPort, name } of spec.ports) assert.ok(ports.includes(targetPort ?? name), name)
    })

    test('listeners are where those who send to them think', async () => {
      const { config } = await load(text, dirname(file))
      const outside = config.listen.filter(({ host }) => !host.startsWith('127.'))
      for (const { port } of outside)
        assert.ok(
          container?.ports?.some(({ containerPort }) => containerPort === port),
          String(port),
        )
      const envoy = data?.['envoy.yaml'] ?? ''
      const asked = [...envoy.matchAll(/address: 127\.0\.0\.1, port_value: (\d+)/g)].map(([, port]) =>
        Number(port),
      )
      const inside = config.listen.filter(({ host }) => host.startsWith('127.')).map(({ port }) => port)
      const own = Number(/^admin: .*port_value: (\d+)/m.exec(envoy)?.[1])
      assert.deepEqual(asked.filter((port) => port !== own).sort(), inside.sort())
    })
  })

test('each data plane asks a listener that this version has', async () => {
  let count = 0
  for (const file of files) {
    const head = /`decide: ([\w-]+)` on ([\d.:]+)/.exec(read(file))
    if (head === null) continue
    count++
    const [, decide, address = ''] = head
    writeFileSync(join(folder, 'contract.yaml'), thingsContract)
    writeFileSync(
      join(folder, 'decide.yaml'),
      `listen: [{ address: "${address}", decide: ${decide} }]
issuers: { main: { issuer: https://id.example, audience: https://api.example, algorithms: [ES256] } }
apis: { api: { contract: contract.yaml, upstream: http://127.0.0.1:4000 } }
`,
    )
    const { config } = await loadConfig(join(folder, 'decide.yaml'), {})
    assert.equal(config.listen[0]?.decide, decide)
    const port = address.split(':')[1] ?? ''
    assert.ok(read(file).replace(head[0], '').includes(port), `${file} asks there`)
  }
  assert.equal(count, 5)
})
