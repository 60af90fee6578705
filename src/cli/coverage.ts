import { type Command, textOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { renderCoverage } from './render-coverage.ts'

export const coverageCommand: Command = {
  name: 'coverage',
  summary: 'operations × controls: what is guarded, by which rule, what is not',
  help: `
Usage: sallyport coverage [options]

One row for each operation of the contracts, one column for each control.

      --config FILE    configuration (default sallyport.yaml)
      --rules          say which rule stands behind each mark, and where it is written
      --format F       text (default) or json
`,
  options: {
    config: { type: 'string', default: 'sallyport.yaml' },
    rules: { type: 'boolean', default: false },
    format: { type: 'string', default: 'text' },
  },
  async run({ values, terminal }) {
    const format = textOf(values, 'format')
    if (format !== 'text' && format !== 'json') throw new Misuse('coverage: --format takes text, json')
    const policy = await loadPolicy(textOf(values, 'config') ?? '', terminal)
    const table = policy.coverage()
    if (format === 'json') terminal.out(`${JSON.stringify(table, null, 2)}\n`)
    else terminal.out(renderCoverage(table, terminal.colourOut, values['rules'] === true))
    return 0
  },
}
