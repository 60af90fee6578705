import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(root, 'deploy', file), 'utf8')

test('the container: not root, what it copies is there, its health check runs', () => {
  const text = read('docker/Dockerfile')
  assert.match(text, /^USER nonroot$/m)
  for (const [, names = ''] of text.matchAll(/^COPY (?!--from)(.*) \S+$/gm))
    for (const name of names.split(' ')) assert.ok(existsSync(join(root, name)), name)
  const check = JSON.parse(/^HEALTHCHECK .*CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]') as string[]
  const ran = spawnSync(process.execPath, check.slice(1), { timeout: 10_000 })
  // Nobody listens there: it says so.
  assert.equal(ran.status, 1)
})

test('the pod: not root, nothing writable but its volumes, no capability, no token', () => {
  const documents = parseAllDocuments(read('kubernetes/sallyport.yaml')).map(
    (document) => document.toJS() as Record<string, never>,
  )
  assert.deepEqual(
    documents.map(({ kind }) => kind),
    ['ConfigMap', 'Deployment', 'Service', 'PodDisruptionBudget', 'PersistentVolumeClaim'],
  )
  const pod = (documents[1] as unknown as { spec: { template: { spec: Record<string, unknown> } } }).spec
    .template.spec
  assert.equal(pod['automountServiceAccountToken'], false)
  assert.equal((pod['securityContext'] as { runAsNonRoot: boolean }).runAsNonRoot, true)
  const [container] = pod['containers'] as { securityContext: Record<string, unknown> }[]
  assert.deepEqual(container?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})

test('the unit: its own user, a system that it cannot write', () => {
  const text = read('systemd/sallyport.service')
  for (const line of [
    'DynamicUser=yes',
    'ProtectSystem=strict',
    'NoNewPrivileges=yes',
    'StateDirectory=sallyport',
  ])
    assert.ok(text.includes(`\n${line}\n`), line)
})

test('Envoy over gRPC: fails closed, tells fields and bodies as bytes and whole', () => {
  const text = read('envoy/envoy-grpc.yaml')
  const [document] = parseAllDocuments(text)
  assert.equal(document?.errors.length, 0)
  const found = JSON.stringify(document?.toJS())
  for (const setting of [
    '"failure_mode_allow":false',
    '"encode_raw_headers":true',
    '"allow_partial_message":false',
    '"pack_as_bytes":true',
  ])
    assert.ok(found.includes(setting), setting)
})

test('the cluster: pods closed as above, scaled and protected, and its configuration is one', async () => {
  const documents = parseAllDocuments(read('cluster/cluster.yaml'))
  assert.deepEqual(
    documents.flatMap(({ errors }) => errors),
    [],
  )
  const objects = documents.map((document) => document.toJS() as Record<string, unknown>)
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    [
      'ConfigMap',
      'Deployment',
      'Service',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'StatefulSet',
      'Service',
      'NetworkPolicy',
    ],
  )
  for (const object of objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')) {
    const { template } = object['spec'] as { template: { spec: Record<string, unknown> } }
    const pod = template.spec
    assert.equal(pod['automountServiceAccountToken'], false)
    assert.equal((pod['securityContext'] as { runAsNonRoot: boolean }).runAsNonRoot, true)
    const containers = [pod['initContainers'] ?? [], pod['containers']].flat() as {
      securityContext: Record<string, unknown>
    }[]
    for (const container of containers)
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  }
  const { data } = objects[0] as { data: Record<string, string> }
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-cluster-'))
  try {
    writeFileSync(
      join(folder, 'sallyport.yaml'),
      (data['sallyport.yaml'] ?? '').replace(
        '/etc/contract/openapi.yaml',
        join(root, 'examples/travel/travel.openapi.yaml'),
      ),
    )
    const { config } = await loadConfig(join(folder, 'sallyport.yaml'), {
      DATABASE_URL: 'postgres://sallyport:secret@db.example/sallyport',
      REDIS_PASSWORD: 'a-password-of-redis',
      IDENTITY_KEY: 'a-key-of-thirty-two-bytes-that-nobody-made-at-random',
    })
    assert.equal(config.listen[0]?.decide, 'envoy-grpc')
    assert.equal(config.store.shared.kind, 'redis')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const envoy = JSON.stringify(parseAllDocuments(data['envoy.yaml'] ?? '')[0]?.toJS())
  for (const setting of ['"failure_mode_allow":false', '"encode_raw_headers":true', '"pack_as_bytes":true'])
    assert.ok(envoy.includes(setting), setting)
})
