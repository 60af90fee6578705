/** What `package.json` of the repository says that the published one says too, or says otherwise. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly engines: Readonly<Record<string, string>>
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/**
 * The manifest of the published package: JavaScript with types in place of the sources, no script that runs on
 * installation, no Node of its own (the repository brings one for those who work on it), nothing of development.
 */
export function publishedManifest(of: Manifest): Readonly<Record<string, unknown>> {
  return {
    name: of.name,
    version: of.version,
    description: of.description,
    keywords: ['api', 'gateway', 'security', 'openapi', 'authorization', 'bola', 'oauth', 'mcp'],
    license: of.license,
    type: 'module',
    sideEffects: false,
    engines: of.engines,
    bin: of.bin,
    man: './docs/sallyport.1',
    exports: Object.fromEntries(
      Object.entries(of.exports).map(([name, file]) => [
        name,
        file.endsWith('.ts') ? { types: built(file, '.d.ts'), default: built(file, '.js') } : file,
      ]),
    ),
    dependencies: of.dependencies,
    publishConfig: { access: 'public', provenance: true },
  }
}

/** `./src/index.ts` → `./dist/index.js`. */
function built(source: string, extension: string): string {
  return source.replace('./src/', './dist/').replace(/\.ts$/, extension)
}
