import { type Finding, type Place, Unusable } from '../kernel/finding.ts'
import type { Operation, SecurityScheme } from '../kernel/operation.ts'
import { compileOperations } from './compile/compile-operations.ts'
import type { DeclaredOperation } from './declared.ts'
import { declaredServer, textOf } from './document/base-path.ts'
import {
  dialectOf,
  followIn,
  renameReferences,
  sourcePointer,
  versionOf,
} from './document/contract-version.ts'
import { DocumentReader } from './document/document.ts'
import type { WrittenExtension } from './document/extension.ts'
import { fromSwagger } from './document/from-swagger.ts'
import { reportMisplaced } from './document/misplaced-extensions.ts'
import { readOperations } from './document/read-operations.ts'
import { componentsOf, readSchemes } from './document/read-security.ts'
import { quoted, Report } from './document/report.ts'
import { openSources } from './document/sources.ts'
import { operationExtensions, schemaExtensions } from './document/written-extensions.ts'
import { parseSchemaProperty, type SchemaProperty } from './judge/guarded.ts'
import { Validators } from './judge/validators.ts'
import type { ObjectIds, WrittenPlace } from './objects/id-map.ts'
import { deriveObjectIds } from './objects/object-ids.ts'
import { isObject, isSchema, type JsonObject, own, pointerToken, type Schema } from './schema.ts'
import { collectHeirs } from './schemas/discriminator.ts'
import { cutSchemaLoops } from './schemas/schema-loops.ts'
import { SchemaStore } from './schemas/schema-store.ts'
import { collectUses, type SchemaUses } from './schemas/schema-uses.ts'
import { type ToolShape, toolShapeOf } from './tool-shape.ts'

export interface ContractOptions {
  /** Path of the OpenAPI document, JSON or YAML. */
  readonly file: string
  /** What a relative `file` is relative to; the working directory otherwise. */
  readonly folder?: string
  /** The API's name in the configuration. */
  readonly api: string
  /** Slot of the first operation. */
  readonly firstSlot?: number
  /** Time for compiling validators ahead, in milliseconds; what is left is compiled when it is first used. */
  readonly budgetMs?: number
  /** Properties that rules guard, as `Schema.property`; the place in the list is the number of the guard. */
  readonly guarded?: readonly string[]
}

/** An OpenAPI document, compiled. */
export interface LoadedContract {
  readonly api: string
  readonly title: string
  readonly version: string
  /** The document in OpenAPI 3.1 form. */
  readonly document: Readonly<Record<string, unknown>>
  readonly operations: readonly Operation[]
  /** The same operations in the same order as the document declares them, for tools that make requests. */
  readonly declared: readonly DeclaredOperation[]
  /** What a schema refers to, itself where it refers to nothing. */
  resolve(schema: Schema | undefined): Schema | undefined
  readonly schemes: ReadonlyMap<string, SecurityScheme>
  /** Path of the first server without host and without trailing slash: `/v1`, or empty. */
  readonly basePath: string
  /** Origin of the first server; undefined where the contract names no host. */
  readonly origin: string | undefined
  readonly findings: readonly Finding[]
  /** Where a pointer into `document` stands in the file. */
  place(pointer: string): Place
  /** Names of component schemas. */
  readonly schemas: readonly string[]
  /** Slots of the operations whose request or reply uses a component schema, at any depth. */
  readonly uses: SchemaUses
  /** Reads `Schema.property`; undefined where no component schema has that name. */
  property(text: string): SchemaProperty | undefined
  /** Object types and where their ids occur; `written` adds what the configuration says. Computed when it is asked. */
  objectIds(written?: readonly WrittenPlace[]): ObjectIds
  /** An operation as a tool for agents, or why it cannot be one; undefined for a slot that is not of this contract. */
  tool(slot: number): ToolShape | string | undefined
  /** Rules that the document itself holds (`x-sallyport`). */
  readonly extensions: readonly WrittenExtension[]
  /** Validators that were not compiled within the budget. */
  readonly deferred: number
}

/**
 * Reads an OpenAPI 2.0, 3.0, 3.1 or 3.2 document and compiles its operations. Throws `Unusable` with every error found,
 * each with file, line and column. Nothing is fetched: references lead to the document and to files below
 * its folder.
 */
export function loadContract(options: ContractOptions): LoadedContract {
  const contract = readContract(options)
  const errors = contract.findings.filter((f) => f.severity === 'error')
  if (errors.length > 0) throw new Unusable(errors)
  return contract
}

/**
 * The same, but errors are findings beside the rest: for tools that look at a document that cannot be served.
 * Where a schema is missing, nothing is valid. Throws `Unusable` only where there is no document at all.
 */
export function readContract(options: ContractOptions): LoadedContract {
  const sources = openSources(options.file, options.folder)
  const report = new Report()
  const source = sources.root
  const value = source.value as JsonObject
  const version = versionOf(value)
  if (version === undefined)
    throw new Unusable([
      {
        rule: 'contract.version',
        severity: 'error',
        message: 'not an OpenAPI document of version 2.0, 3.0, 3.1 or 3.2',
        place: source.place(''),
        fix: 'begin the document with `openapi: 3.1.1`',
      },
    ])
  const store = new SchemaStore(report, dialectOf(version), sources)
  const origins = new WeakMap<object, string>()
  const document = version === '2.0' ? fromSwagger(value, followIn(sources, store), origins) : value
  const resource = store.resourceOf(source)
  const reader = new DocumentReader(report, store, { node: document, resource, pointer: '' }, origins)
  const info = reader.object(own(document, 'info') ?? {}, resource, '/info', '`info`')?.node ?? {}
  if (
    !isObject(own(document, 'paths')) &&
    !isObject(own(document, 'webhooks')) &&
    !isObject(own(document, 'components'))
  )
    report.error(
      'contract.paths',
      'the document declares no `paths`',
      source,
      '',
      'declare the API’s operations under `paths`',
    )

  const named = readNamed(reader)
  const schemes = readSchemes(reader)
  const declared = readOperations(reader, schemes)
  if (declared.length === 0)
    report.warn(
      'contract.empty',
      'the document declares no operation: every request is refused',
      source,
      '/paths',
    )
  store.settle()
  cutSchemaLoops(store, report)
  store.heirs = collectHeirs(named, store)

  const ofSchemas = schemaExtensions(reader, named)
  const extensions = [...operationExtensions(declared), ...ofSchemas]
  reportMisplaced(value, new Set(extensions.map(({ node }) => node)), report, source)

  const validators = new Validators(store)
  const guarded = guardedNames(options.guarded ?? [], ofSchemas)
  const operations = compileOperations(declared, { ...options, guarded }, schemes, named, validators)
  const deadline = performance.now() + (options.budgetMs ?? 1_000)
  const deferred = report.errors > 0 ? 0 : validators.compile(deadline)
  if (version === '2.0') renameReferences(store)
  if (version !== '3.1') document['openapi'] = '3.1.1'

  return {
    api: options.api,
    title: textOf(own(info, 'title')),
    version: textOf(own(info, 'version')),
    document,
    operations,
    declared,
    resolve: (schema) => resolved(schema, store),
    schemes,
    ...declaredServer(document, reader),
    findings: report.findings,
    place: (pointer) => source.place(version === '2.0' ? sourcePointer(pointer) : pointer),
    schemas: [...named.keys()],
    uses: collectUses(declared, named, store, options.firstSlot ?? 0),
    property: (text) => parseSchemaProperty(text, named, store),
    objectIds: (written) => deriveObjectIds(declared, named, store, options.firstSlot ?? 0, written),
    tool: (slot) => {
      const operation = declared[slot - (options.firstSlot ?? 0)]
      return operation === undefined ? undefined : toolShapeOf(operation, store)
    },
    extensions,
    deferred,
  }
}

function resolved(schema: Schema | undefined, store: SchemaStore): Schema | undefined {
  let node = schema
  for (let hops = 0; isObject(node) && hops < 20; hops++) {
    const target = store.targets.get(node)
    if (target === undefined) return node
    node = target
  }
  return node
}

/** Guards of the configuration, and after them those that only the document has, in its order. */
function guardedNames(
  guarded: readonly string[],
  extensions: readonly WrittenExtension[],
): readonly string[] {
  const written = extensions.flatMap(({ on, name }) => (on === 'property' ? [name] : []))
  return [...new Set([...guarded, ...written])]
}

/** Registers component schemas; their names in order. */
function readNamed(reader: DocumentReader): Map<string, Schema> {
  const named = new Map<string, Schema>()
  const components = componentsOf(reader)
  if (components === undefined) return named
  for (const { name, value, pointer } of reader.entries(components, 'schemas', '`schemas`')) {
    if (!isSchema(value)) {
      reader.error(
        'contract.schema',
        `schema ${quoted(name)} must be an object`,
        components,
        `/schemas/${pointerToken(name)}`,
      )
      continue
    }
    reader.store.add(value, components.resource, pointer)
    named.set(name, value)
  }
  return named
}
