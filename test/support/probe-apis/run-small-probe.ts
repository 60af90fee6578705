import { readContract } from '../../../src/contract/load-contract.ts'
import { createTargetClient } from '../../../src/outbound/create-target-client.ts'
import type { ProbeReport } from '../../../src/probe/probe-report.ts'
import { type NamedIdentity, parseIdentity } from '../../../src/probe/read-identities.ts'
import { type ProbeOptions, runProbe } from '../../../src/probe/run-probe.ts'
import { signIn } from '../../../src/probe/sign-in.ts'
import { createTokenKeys } from '../../../src/probe/token-keys.ts'

export interface SmallProbe {
  readonly contract: string
  readonly target: string
  /** `name=VALUE`, as on the command line. */
  readonly identities: readonly (string | NamedIdentity)[]
  readonly change?: Partial<ProbeOptions>
}

/** The probe as the command line runs it, in this process, faster than anybody would let it against a live API. */
export async function runSmallProbe({
  contract: file,
  target,
  identities,
  change,
}: SmallProbe): Promise<ProbeReport> {
  const contract = readContract({ file, api: 'api', budgetMs: 0 })
  const client = await createTargetClient({ origin: new URL(target).origin })
  const named = identities.map((one) => (typeof one === 'string' ? parseIdentity(one, process.env) : one))
  const signed = await signIn(named, { contract, client, prefix: contract.basePath })
  await client.close()
  return runProbe({
    contract,
    target,
    basePath: contract.basePath,
    identities: signed,
    write: true,
    budget: { requests: 6000, seconds: 120, rate: 2000 },
    seed: 1,
    signal: new AbortController().signal,
    journal: undefined,
    canary: '127.0.0.1',
    keys: await createTokenKeys({ published: [], signing: [] }),
    only: [],
    skip: [],
    ...change,
  })
}

/** `rule operation` of each finding, once, sorted. */
export function kindsOf({ findings }: ProbeReport): readonly string[] {
  return [...new Set(findings.map(({ rule, operation }) => `${rule} ${operation}`.trim()))].sort()
}
