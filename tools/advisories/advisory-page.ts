import { type Advisory, advisories } from './advisories.ts'
import type { NamedTest } from './tests-by-name.ts'

/** The tests that name an advisory, or else those that name its rows. */
export function testsOf(advisory: Advisory, tests: readonly NamedTest[]): readonly NamedTest[] {
  const names = (texts: readonly string[]): readonly NamedTest[] =>
    tests.filter(({ title }) => texts.some((text) => new RegExp(`(?<![\\w-])${text}(?![\\w-])`).test(title)))
  const own = names(advisory.ids)
  return own.length > 0 ? own : names(advisory.rows)
}

/** `docs/advisories.md`: every advisory beside the tests that would have caught it. */
export function documentAdvisories(tests: readonly NamedTest[]): string {
  const ids = advisories.flatMap((one) => one.ids)
  const rows = advisories.map((one) => {
    const found = testsOf(one, tests)
    const shown = found.slice(0, 3).map(({ file, title }) => `[${cell(title)}](../${file})`)
    const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
    return `| ${one.ids.join(', ')} | ${one.product} | ${cell(one.cause)} | ${found.length > 0 ? shown.join('; ') + more : `none: ${one.absent ?? 'missing'}`} |`
  })
  return `${[
    '# Advisories of others',
    `${ids.length} advisories of gateways, proxies, servers and libraries, each with its cause and the tests of ours that would have caught it. A test named here runs with \`npm test\`. Where no test names the advisory itself, those of the requirement are listed that its cause breaks. This page is generated from the names of the tests.`,
    ['| advisory | of | cause | tests |', '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/[[\]]/g, '')
}
