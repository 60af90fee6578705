import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

let folder: string | undefined

const cases =
  process.env['SALLYPORT_CASES'] ?? fileURLToPath(new URL('../../../shared/cases', import.meta.url))

/** An OpenAPI document of the third-party cases, as a file of its own that ends with the process. */
export function documentFile(row: {
  readonly id: string
  readonly format: string
  readonly document?: string
  readonly document_file?: string
}): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'documents-'))
    process.once('exit', () => rmSync(made, { recursive: true }))
    folder = made
  }
  const file = join(folder, `${row.id.replaceAll(/\W/g, '_')}.${row.format}`)
  const text =
    row.document ??
    gunzipSync(readFileSync(join(cases, 'openapi/large', basename(row.document_file ?? '')))).toString()
  writeFileSync(file, text)
  return file
}
