import type { LoadedConfig } from '../../config/loaded-config.ts'
import type { ApiConfig } from '../../config/types/api-config.ts'
import type { LoadedContract } from '../../contract/load-contract.ts'
import type { RestTool } from '../../gateway/mcp/rest/tool-target.ts'
import type { Finding } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { AskingApi } from '../../stages/authorize/asking/options.ts'
import type { LedgerApi } from '../../stages/authorize/ledger/options.ts'
import type { SealingApi } from '../../stages/authorize/sealing/options.ts'
import type { CoverageTable } from './coverage-table.ts'

/** One API with its contract. */
export interface PolicyApi {
  readonly config: ApiConfig
  readonly contract: LoadedContract
  readonly basePath: string
  /** Set where it offers operations of another API to agents. */
  readonly exposes?: {
    /** Name of that API. */
    readonly api: string
    /** Version of its contract. */
    readonly version: string
    readonly tools: readonly RestTool[]
    readonly instructions: string | undefined
  }
}

/** A configuration with its contracts, compiled as far as nothing runs yet. */
export interface Policy {
  readonly loaded: LoadedConfig
  readonly apis: readonly PolicyApi[]
  /** By slot. */
  readonly operations: readonly Operation[]
  /** Warnings and open doors; errors never get this far. */
  readonly findings: readonly Finding[]
  /** What is learned of who was given which objects, by API. */
  readonly learned: readonly LedgerApi[]
  /** What external decision points are asked about, by API. */
  readonly asked: readonly AskingApi[]
  /** What is sealed, by API. */
  readonly sealed: readonly SealingApi[]
  coverage(): CoverageTable
  /** Operations that selectors of an API select; throws `Unusable` for one that selects nothing. */
  select(api: PolicyApi, selectors: readonly string[], pointer: string): readonly Operation[]
}

/** What selecting operations needs of a policy that is still being compiled. */
export type Selecting = Pick<Policy, 'loaded' | 'select'>
