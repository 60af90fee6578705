import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page of the site. */
export interface SitePage {
  /** In the repository: `docs/tutorial.md`. */
  readonly source: string
  /** On the site: `tutorial.html`, without a folder. */
  readonly target: string
  readonly title: string
  readonly text: string
}

export interface SiteSection {
  readonly title: string
  readonly pages: readonly SitePage[]
}

/** The four kinds of documentation (Diátaxis); what none of them names is explanation. */
const kinds: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Start', ['README.md', 'docs/tutorial.md']],
  [
    'How to',
    [
      'authorization-server',
      'sign-in-pages',
      'stores',
      'agents',
      'console',
      'observability',
      'probe',
      'scaling',
    ].map(doc),
  ],
  ['Reference', ['configuration', 'problems', 'audit-rules', 'advisories'].map(doc)],
]
const project = ['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

function doc(name: string): string {
  return `docs/${name}.md`
}

/** Every Markdown page of the repository that is for readers, by kind. Missing ones are left out, new ones taken in. */
export function outlineOf(root: string): readonly SiteSection[] {
  const named = new Set(kinds.flatMap(([, names]) => names))
  const rest = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .filter((name) => !named.has(name))
    .sort()
  const decisions = readdirSync(join(root, 'docs', 'decisions'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/decisions/${name}`)
  return [
    ...kinds,
    ['Explanation', rest] as const,
    ['Decisions', decisions] as const,
    ['Project', project] as const,
  ].map(([title, names]) => ({
    title,
    pages: names.filter((name) => existsSync(join(root, name))).map((name) => pageOf(root, name)),
  }))
}

function pageOf(root: string, source: string): SitePage {
  const text = readFileSync(join(root, source), 'utf8')
  const name = source.slice(source.lastIndexOf('/') + 1, -'.md'.length)
  return {
    source,
    target: source === 'README.md' ? 'index.html' : `${name.toLowerCase()}.html`,
    title: /^# (.+)$/m.exec(text)?.[1] ?? name,
    text,
  }
}
