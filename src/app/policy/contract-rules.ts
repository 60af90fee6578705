import { type ContractRules, readContractRules } from '../../config/contract-rules.ts'
import type { ApiConfig } from '../../config/types/api-config.ts'
import type { ContentConfig } from '../../config/types/content-config.ts'
import type { LimitConfig } from '../../config/types/limit-config.ts'
import type { FunctionConfig, ObjectConfig, PropertyConfig } from '../../config/types/security-config.ts'
import type { LoadedContract } from '../../contract/load-contract.ts'
import { select } from '../../contract/select.ts'
import { type Finding, type Place, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'

/** How the pointers of rules begin that the contract holds. */
const prefix = 'contract:'

/** True where a rule is written in the contract, not in `sallyport.yaml`. */
export function isFromContract({ pointer }: { readonly pointer: string }): boolean {
  return pointer.startsWith(prefix)
}

/** An API with the rules of its contract. */
export interface JoinedRules {
  readonly config: ApiConfig
  readonly findings: readonly Finding[]
  /** Where a rule of the contract stands; undefined for a pointer into `sallyport.yaml`. */
  place(pointer: string): Place | undefined
}

/**
 * Adds the rules that a contract holds as `x-sallyport`. `sallyport.yaml` wins: an object type that it writes is its alone,
 * so is what it says of reading or writing a property, and a function rule or limit whose selector names an operation
 * replaces the contract's of that operation; wider selectors add. Throws `Unusable`.
 */
export function joinContractRules(config: ApiConfig, contract: LoadedContract): JoinedRules {
  const places = new Map<string, (below: string) => Place>()
  const read = contract.extensions.map((extension, index) => {
    const pointer = `${prefix}${config.name}#${index}`
    places.set(pointer, extension.place)
    const { on, name, value, place } = extension
    const operations = on === 'parameter' ? onlyThese(extension, contract.operations) : []
    return readContractRules(config.name, { on, name, operations, value, place }, pointer)
  })
  const place = (pointer: string): Place | undefined => {
    if (!pointer.startsWith(prefix)) return undefined
    const slash = pointer.indexOf('/')
    const known = places.get(slash < 0 ? pointer : pointer.slice(0, slash))
    return known?.(slash < 0 ? '' : pointer.slice(slash))
  }
  const findings = read.flatMap((rules) => rules.findings)
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (errors.length > 0) throw new Unusable(errors)
  const all = <K extends Exclude<keyof ContractRules, 'findings'>>(key: K): ContractRules[K][number][] =>
    read.flatMap((rules) => rules[key] as ContractRules[K][number][])
  const overridden: Finding[] = []
  const loses = (rule: { readonly pointer: string }, what: string): void => {
    const at = place(rule.pointer)
    overridden.push({
      rule: 'config.overrides-contract',
      severity: 'note',
      message: `${what}: sallyport.yaml goes before the contract`,
      ...(at !== undefined && { place: at }),
    })
  }
  return {
    config: {
      ...config,
      functions: [...config.functions, ...unnamed(all('functions'), config.functions, contract, loses)],
      limits: [...config.limits, ...unnamed(all('limits'), config.limits, contract, loses)],
      content: [...config.content, ...unlabelled(all('content'), config.content, contract, loses)],
      objects: [...config.objects, ...otherObjects(all('objects'), config.objects, loses)],
      properties: joinProperties(config.properties, all('properties'), loses),
    },
    findings: [...findings, ...overridden],
    place,
  }
}

/** The first rule that selects an operation counts: a contract's is said to lose where the file has one that does. */
function unlabelled(
  rules: readonly ContentConfig[],
  written: readonly ContentConfig[],
  contract: LoadedContract,
  loses: Loses,
): readonly ContentConfig[] {
  return rules.filter((rule) => {
    const beaten = written.some(({ for: selectors }) =>
      selectors.some((selector) => {
        try {
          return select([selector], [contract]).some(({ id }) => id === rule.for[0])
        } catch {
          // A selector that selects nothing is refused where the file is read.
          return false
        }
      }),
    )
    if (beaten) loses(rule, `trust of ${rule.for[0] ?? ''} is written twice`)
    return !beaten
  })
}

type Loses = (rule: { readonly pointer: string }, what: string) => void

/** Selectors of the operations with the parameter's rule; empty where every operation that has such a parameter has it. */
function onlyThese(
  { name, operations }: { readonly name: string; readonly operations: readonly string[] },
  all: readonly Operation[],
): readonly string[] {
  const same = all.filter(({ parameters }) =>
    parameters.some((one) => [`${one.in}.${one.name}`, `${one.in}['${one.name}']`].includes(name)),
  )
  return same.every(({ id }) => operations.includes(id)) ? [] : operations
}

/** Rules of operations that no rule of the file names by itself. */
function unnamed<R extends FunctionConfig | LimitConfig>(
  rules: readonly R[],
  written: readonly R[],
  { operations }: LoadedContract,
  loses: Loses,
): readonly R[] {
  const named = new Set(written.flatMap((rule) => rule.for))
  return rules.filter((rule) => {
    const operation = operations.find(({ id }) => id === rule.for[0])
    const names = operation === undefined ? [] : [operation.id, `${operation.method} ${operation.template}`]
    if (!names.some((name) => named.has(name))) return true
    loses(rule, `a rule for ${rule.for[0] ?? ''} is not in force`)
    return false
  })
}

/** Object types that the file does not write. One that stands at several places is one rule, where it says the same. */
function otherObjects(
  rules: readonly ObjectConfig[],
  written: readonly ObjectConfig[],
  loses: Loses,
): readonly ObjectConfig[] {
  const names = new Set(written.map(({ name }) => name))
  const joined = new Map<string, ObjectConfig>()
  for (const rule of rules) {
    if (names.has(rule.name)) {
      loses(rule, `the object "${rule.name}" is written twice`)
      continue
    }
    const key = JSON.stringify({ ...rule, for: rule.for.length === 0, pointer: '' })
    const known = joined.get(key)
    joined.set(key, known === undefined ? rule : { ...known, for: [...new Set([...known.for, ...rule.for])] })
  }
  return [...joined.values()]
}

/** The order is that of the contract's guards: the file's properties, and after them those that only the contract has. */
function joinProperties(
  written: readonly PropertyConfig[],
  rules: readonly PropertyConfig[],
  loses: Loses,
): readonly PropertyConfig[] {
  const own = new Map(written.map((rule) => [rule.name, rule]))
  for (const rule of rules) {
    const known = own.get(rule.name)
    if (known === undefined) continue
    for (const key of ['read', 'write'] as const)
      if (known[key] !== undefined && rule[key] !== undefined)
        loses(rule, `"${key}" of ${rule.name} is written twice`)
    own.set(rule.name, { ...known, read: known.read ?? rule.read, write: known.write ?? rule.write })
  }
  return [...own.values(), ...rules.filter((rule) => !written.some(({ name }) => name === rule.name))]
}
