import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { parseSource, type Source } from '../contract/document/read-source.ts'
import { openSources, type Sources } from '../contract/document/sources.ts'
import { TextIndex } from './document/text-index.ts'

/** The files of a contract with their texts. */
export interface AuditInput {
  readonly sources: Sources
  /** Positions in a file's text; without a byte order mark. */
  index(source: Source): TextIndex
  /** Where a file is on disk; undefined for a text at hand. */
  path(source: Source): string | undefined
}

/** Opens a contract; throws `Unusable`. */
export function openAudit(file: string): AuditInput {
  const indices = new Map<Source, TextIndex>()
  return {
    sources: openSources(file),
    index: (source) => {
      let index = indices.get(source)
      if (index === undefined) {
        index = new TextIndex(readTolerantly(source.file))
        indices.set(source, index)
      }
      return index
    },
    path: (source) => (isAbsolute(source.file) ? source.file : resolve(source.file)),
  }
}

/** The same for a text at hand, which refers to no other file. */
export function auditText(text: string, file: string): AuditInput {
  const root = parseSource(text, file, `contract://doc/${encodeURI(file)}`)
  const index = new TextIndex(text)
  return {
    sources: { root, open: () => 'other files are not read' },
    index: () => index,
    path: () => undefined,
  }
}

/** Positions are a courtesy: a file that has gone meanwhile has none. */
function readTolerantly(file: string): string {
  try {
    return new TextDecoder('utf-8').decode(readFileSync(file))
  } catch {
    return ''
  }
}
