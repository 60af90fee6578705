import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A test by its title, and the file that it is in. */
export interface NamedTest {
  readonly file: string
  readonly title: string
}

const named = /\b(?:test|it|describe)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|`([^`]*)`|"([^"\n]*)")/g

/** All tests of the repository whose titles are written out. */
export function testsByName(root: string): readonly NamedTest[] {
  return ['src', 'test', 'examples', 'tools'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .sort()
      .flatMap((name) =>
        [...readFileSync(join(root, folder, name), 'utf8').matchAll(named)].map((match) => ({
          file: `${folder}/${name.replaceAll('\\', '/')}`,
          title: (match[1] ?? match[2] ?? match[3] ?? '').replaceAll("\\'", "'"),
        })),
      ),
  )
}
