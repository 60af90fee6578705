import { spawnSync } from 'node:child_process'
import { isProduction, type LockedPackage } from '../supply-chain/read-lock.ts'

/** A software bill of materials as CycloneDX 1.6 in JSON, of what production installs. */
export interface Sbom {
  readonly specVersion: '1.6'
  readonly components: readonly SbomComponent[]
  readonly [key: string]: unknown
}

interface Dependency {
  readonly ref: string
  readonly dependsOn: readonly string[]
}

interface SbomComponent {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl?: string
  readonly hashes?: readonly unknown[]
  readonly licenses?: readonly unknown[]
}

/**
 * npm's own list, of what production installs alone: with `--omit dev` npm (11.19) leaves out also what both need. What
 * changes from run to run (time, serial number) is left out, the order is that of the purls. npm writes 1.5; all of it
 * is the same in 1.6.
 * @throws Error with what npm said.
 */
export function createSbom(root: string, locked: readonly LockedPackage[]): Sbom {
  const ran = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (ran.status !== 0) throw new Error(`npm sbom: ${ran.stderr}`)
  const { serialNumber: _, ...bom } = JSON.parse(ran.stdout) as Record<string, unknown> & {
    readonly metadata: Readonly<Record<string, unknown>> & {
      readonly component: { readonly 'bom-ref': string }
    }
    readonly components: readonly SbomComponent[]
    readonly dependencies: readonly Dependency[]
  }
  const { timestamp: __, ...metadata } = bom.metadata
  const shipped = new Set(locked.filter(isProduction).map(nameAndVersion))
  const components = bom.components.filter((one) => shipped.has(nameAndVersion(one)))
  const refs = new Set([...components.map((one) => one['bom-ref']), metadata.component['bom-ref']])
  return {
    ...bom,
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    specVersion: '1.6',
    metadata,
    components: components.sort((a, b) => ((a.purl ?? '') < (b.purl ?? '') ? -1 : 1)),
    dependencies: bom.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) })),
  }
}

const nameAndVersion = (one: { readonly name: string; readonly version: string }): string =>
  `${one.name}@${one.version}`

/** Where a bill and a lock disagree, or an entry of the bill lacks purl, digest or licence; a sentence each (K01). */
export function findSbomFaults({ components }: Sbom, locked: readonly LockedPackage[]): readonly string[] {
  const key = (one: { readonly name: string; readonly version: string }): string =>
    `${one.name}@${one.version}`
  const expected = new Set(
    locked.filter(({ dev, optional, link }) => dev !== true && optional !== true && link !== true).map(key),
  )
  const listed = new Set(components.map(key))
  return [
    ...[...expected].filter((one) => !listed.has(one)).map((one) => `${one} is locked, and not in the bill`),
    ...[...listed].filter((one) => !expected.has(one)).map((one) => `${one} is in the bill, and not locked`),
    ...components.flatMap((one) =>
      (['purl', 'hashes', 'licenses'] as const)
        .filter((field) => one[field] === undefined || one[field].length === 0)
        .map((field) => `${nameAndVersion(one)} has no ${field}`),
    ),
  ]
}
