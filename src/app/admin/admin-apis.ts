import { dirname } from 'node:path'
import type { ApisSource } from '../../admin/api-routes.ts'
import type { ApiControl, ApiReply } from '../../admin/contract.ts'
import type { Place } from '../../kernel/finding.ts'
import { displayPath } from '../../report/display-path.ts'
import type { CoverageCell } from '../policy/coverage-table.ts'
import type { Policy } from '../policy/policy.ts'
import { aboutThis } from './about-this.ts'

const states: Readonly<Record<CoverageCell['state'], ApiControl['state']>> = {
  guarded: 'enforce',
  watched: 'observe',
  open: 'missing',
  none: 'off',
}

/** The APIs of the policy that is in force. */
export function createAdminApis(policy: () => Policy): ApisSource {
  // Computed once for each policy: tens of milliseconds for a large one.
  let of: Policy | undefined
  let apis: readonly ApiReply[] = []
  return {
    apis() {
      const now = policy()
      if (now !== of) {
        of = now
        apis = apisOf(now)
      }
      return apis
    },
    contract(name) {
      const now = policy()
      const api = now.apis.find((one) => one.config.name === name)
      if (api === undefined) return undefined
      const { file } = api.contract.place('')
      return { name, file: displayPath(file, folderOf(now)), document: api.contract.document }
    },
    about: aboutThis,
  }
}

function apisOf(policy: Policy): readonly ApiReply[] {
  const { rows } = policy.coverage()
  const base = folderOf(policy)
  return policy.apis.map(({ config, contract }) => {
    const deprecated = new Set(contract.operations.filter((one) => one.deprecated).map(({ id }) => id))
    return {
      name: config.name,
      title: contract.title,
      version: contract.version,
      operations: rows
        .filter((row) => row.api === config.name)
        .map(({ operation, method, template, cells }) => ({
          id: operation,
          method,
          path: template,
          deprecated: deprecated.has(operation),
          controls: Object.fromEntries(
            Object.entries(cells).map(([column, cell]) => [column, controlOf(cell, base)]),
          ),
        })),
    }
  })
}

function controlOf({ state, by, at }: CoverageCell, base: string): ApiControl {
  const [place] = at ?? []
  return { state: states[state], rule: by, place: place === undefined ? null : printed(place, base) }
}

function printed({ file, line, column }: Place, base: string): string {
  return [displayPath(file, base), line, column].filter((part) => part !== undefined).join(':')
}

function folderOf({ loaded }: Policy): string {
  return dirname(loaded.place('').file)
}
