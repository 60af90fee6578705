import type { Gate } from '../../gateway/gate.ts'
import { createRestTools } from '../../gateway/mcp/rest/rest-tools.ts'
import type { Inspected } from '../../kernel/facts.ts'
import type { Forward } from '../../stages/forward/forward.ts'
import type { ContentPlan } from '../../stages/screen/context/options.ts'
import type { PolicyApi } from './policy.ts'

/** What texts are taken for that an agent reads and of which nobody said whose they are. */
export function agentPlansOf(
  apis: readonly PolicyApi[],
  content: readonly (ContentPlan | undefined)[],
): readonly (ContentPlan | undefined)[] {
  const plans = [...content]
  for (const { exposes } of apis) {
    const api = apis.find(({ config }) => config.name === exposes?.api)
    if (exposes === undefined || api === undefined) continue
    for (const { operation } of exposes.tools)
      plans[operation.slot] ??= {
        trust: 'external',
        mode: 'mark',
        control: api.config.controls.context,
        source: operation.id,
        hosts: new Set(),
        envelope: false,
        whole: false,
        maxBytes: api.config.bounds.responseBody,
        external: undefined,
      }
  }
  return plans
}

/** The tools of an API in the place of an upstream: nothing is sent but what the inner calls send. */
export function createToolForward(api: PolicyApi, gateFor: (outer: Inspected) => Gate): Forward {
  const { exposes } = api
  const tools = createRestTools({
    name: exposes?.api ?? api.config.name,
    version: exposes?.version ?? '',
    instructions: exposes?.instructions,
    tools: exposes?.tools ?? [],
    gateFor,
  })
  return {
    run: (call) => tools.run(call),
    count: () => none,
    close: () => Promise.resolve(),
  }
}

const none = {
  connections: 0,
  idle: 0,
  waiting: 0,
  tunnels: 0,
  repeats: 0,
  repeatsRefused: 0,
} as const
