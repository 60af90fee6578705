import { compileRouter } from '../contract/route/router.ts'
import { createConclude } from '../gateway/conclude.ts'
import type { Gate } from '../gateway/gate.ts'
import { createMatch } from '../gateway/match.ts'
import { createMcp } from '../gateway/mcp/create-mcp.ts'
import { createToolPins } from '../gateway/mcp/tool-pins.ts'
import { createSharing } from '../gateway/sharing.ts'
import { askForWholeReply } from '../gateway/whole-reply.ts'
import type { Arrived, Inspected } from '../kernel/facts.ts'
import { type Finding, Unusable } from '../kernel/finding.ts'
import { deny } from '../kernel/verdict.ts'
import { createAsking } from '../stages/authorize/asking/create-asking.ts'
import { createAuthorize } from '../stages/authorize/create-authorize.ts'
import { createFlows } from '../stages/authorize/flows/create-flows.ts'
import { createLedger } from '../stages/authorize/ledger/create-ledger.ts'
import { createSealing } from '../stages/authorize/sealing/create-sealing.ts'
import { createForward, type Forward } from '../stages/forward/forward.ts'
import { createIdentify, type Identify } from '../stages/identify/create-identify.ts'
import { createInspect } from '../stages/inspect/inspect.ts'
import { createLimit } from '../stages/limit/create-limit.ts'
import { type ContextDetector, createContextDetector } from '../stages/screen/context/detect/detector.ts'
import { createScanThread } from '../stages/screen/context/scan-thread.ts'
import { createTaint } from '../stages/screen/context/taint/create-taint.ts'
import { createReader } from '../stages/screen/create-reader.ts'
import { createScreen, type Screen } from '../stages/screen/screen.ts'
import { createAuthorityHouse, type NearAuthority } from './authority/authority-house.ts'
import { certificateOptionsOf } from './certificate-options.ts'
import { forwardOptionsOf } from './forward-options.ts'
import { identifyApiOf } from './identify-api.ts'
import { issuerOptionsOf } from './issuer-options.ts'
import { withAsking } from './layers/with-asking.ts'
import { withBlocks } from './layers/with-blocks.ts'
import { withTaint, withUse } from './layers/with-content.ts'
import { withFlows } from './layers/with-flows.ts'
import { withHolds } from './layers/with-holds.ts'
import { withLeases } from './layers/with-leases.ts'
import { withLedger } from './layers/with-ledger.ts'
import { withMcpCalls, withMcpReplies } from './layers/with-mcp.ts'
import { entranceOf, withGuard } from './layers/with-overload.ts'
import { withSealing } from './layers/with-sealing.ts'
import { createObjectReader, passiveReader } from './object-reader.ts'
import { fillDestinations } from './observe/traces.ts'
import { withOwnKeys } from './own-key-source.ts'
import { createOwnReplies } from './own-replies.ts'
import { apiPolicyOf } from './policy/api-policy.ts'
import { contentPlansOf, secretPlansOf, taintPlansOf } from './policy/content-plans.ts'
import { flowRulesOf } from './policy/flow-rules.ts'
import { credentialFieldsOf, limitRulesOf } from './policy/limit-rules.ts'
import { mcpOriginsOf, mcpServersOf, pinOffered, pinStoreOf } from './policy/mcp-servers.ts'
import { replyPlanOf, requestPlanOf } from './policy/operation-plans.ts'
import type { Policy, PolicyApi } from './policy/policy.ts'
import { publishedContracts } from './policy/published-contracts.ts'
import { agentPlansOf, createToolForward } from './policy/rest-tools.ts'
import { createResourceMetadata } from './resource-metadata.ts'
import { provideIdSealer } from './sealers.ts'
import type { Services } from './services.ts'
import { hostsOf } from './written-hosts.ts'

/** A gate with what it holds open. */
export interface CompiledGate {
  readonly gate: Gate
  readonly identify: Identify
  readonly findings: readonly Finding[]
  /** What an upstream behind another data plane is told of a call that may pass, flat name and value pairs. */
  upstreamFields(call: Inspected): readonly string[]
  /** Ends its upstream connections once the calls under way are over. */
  close(): Promise<void>
}

/** Builds all stages of one policy. Throws `Unusable`; whatever was opened before is closed again. */
export function compileGate(policy: Policy, services: Services, running?: NearAuthority): CompiledGate {
  const { apis } = policy
  fillDestinations(services.destinations, apis)
  services.inventory.declare(policy.operations)
  // Filled below: nothing is read before the gate is complete.
  const forwardOf = new Map<string, Forward>()
  const authorize = createAuthorize({
    apis: apis.map((api) => ({
      ...apiPolicyOf(policy, api),
      challenge: (call, denial, parameters) => identify.challenge(call, denial, parameters),
    })),
    reader: services.passive === true ? passiveReader : createObjectReader(apis, (api) => forwardOf.get(api)),
    ...(services.ownerCacheMs !== undefined && { ownerCacheMs: services.ownerCacheMs }),
  })
  const ledger = createLedger({ apis: policy.learned, store: services.ledger })
  const sealing =
    policy.sealed.length === 0
      ? undefined
      : createSealing({ apis: policy.sealed, sealer: provideIdSealer(policy.loaded.config) })
  services.outbound.allow(hostsOf(policy.asked.flatMap(({ rules }) => rules.map(({ point }) => point.url))))
  const asking =
    policy.asked.length === 0
      ? authorize
      : withAsking(authorize, createAsking({ apis: policy.asked, outbound: services.outbound }))
  const remembering = policy.learned.length === 0 ? asking : withLedger(asking, ledger)
  const sealingLast = sealing === undefined ? remembering : withSealing(remembering, sealing)
  const flowRules = apis.flatMap((api) => flowRulesOf(policy, api))
  const flows = createFlows({ rules: flowRules, memory: services.flows })
  const limit = createLimit({
    stores: services.limits,
    strictStores: services.strictLimits,
    rules: apis.flatMap((api) => limitRulesOf(policy, api)),
    operations: policy.operations,
    tallies: services.tallies,
    ...(services.locks !== undefined && { locks: services.locks }),
    credentialFields: credentialFieldsOf(policy.loaded.config),
  })
  const inspect = createInspect(
    apis.flatMap((api) =>
      api.contract.operations.map((one) => ({
        ...requestPlanOf(policy, api, one),
        ...(sealing?.opensBody(one.slot) === true && { open: sealing.openBody }),
      })),
    ),
  )
  const contentPlans = contentPlansOf(policy, apis, services.outbound)
  const agentPlans = agentPlansOf(apis, contentPlans)
  const taintPlans = taintPlansOf(apis, agentPlans)
  const secretPlans = secretPlansOf(policy, apis)
  services.outbound.allow(hostsOf(apis.flatMap(({ config }) => config.detectors.map(({ url }) => url))))
  const taint = createTaint({
    plans: taintPlans,
    store: services.taint,
    salt: services.taintSalt,
    challenge: (call, denial, scope) => identify.challenge(call, denial, `scope="${scope}"`),
  })
  const thread = createScanThread()
  const tools = {
    detector: agentPlans.some((plan) => plan !== undefined) ? createContextDetector() : noDetector,
    thread,
    sign: (statement: object, type: string) => services.assertion.sign(statement, type),
  }
  const readersOf = (plans: typeof contentPlans) =>
    policy.operations.map(({ slot }) =>
      createReader(
        {
          content: plans[slot],
          secrets: secretPlans[slot],
          listener: taintPlans[slot] === undefined ? undefined : taint,
        },
        tools,
      ),
    )
  const screenOf = (ofSlot: typeof readers): Screen =>
    createScreen(
      apis.flatMap((api) => api.contract.operations.map((one) => replyPlanOf(api, one, ofSlot[one.slot]))),
    )
  const readers = readersOf(contentPlans)
  const screen = screenOf(readers)
  // What agents read as the result of a tool; the same where nothing is offered to them.
  const offers = apis.some(({ exposes }) => exposes !== undefined)
  const agentScreen = offers ? withUse(screenOf(readersOf(agentPlans)), taint) : screen
  const mcpServers = mcpServersOf(apis, {
    sees: (call) => authorize.sees(call),
    challenge: (call, denial, parameters) => identify.challenge(call, denial, parameters),
  })
  const mcpNames = new Set(
    apis.filter(({ config }) => config.mcp !== undefined).map(({ config }) => config.name),
  )
  const pins = createToolPins(pinStoreOf(policy.loaded.config, services.passive === true))
  const drifted = pinOffered(apis, pins, policy.loaded.place)
  const mcp = createMcp(mcpServers, pins)
  const metadata = createResourceMetadata(policy)
  const { certificates, keys } = policy.loaded.config
  const identify = createIdentify({
    issuers: policy.loaded.config.issuers.map(issuerOptionsOf),
    apis: apis.map((api) => identifyApiOf(policy, api, metadata)),
    outbound:
      running === undefined
        ? services.outbound
        : withOwnKeys(services.outbound, running.authority.issuer, running.authority.publicKeys),
    replays: services.replays,
    nonceSecret: services.nonceSecret,
    revocations: services.revocations,
    failures: services.failures,
    ...(keys !== undefined && { apiKeys: { header: keys.header, directory: services.keys } }),
    ...(certificates !== undefined && { certificates: certificateOptionsOf(certificates) }),
  })
  /** A tool call goes through the gate as its caller's own request, whose reply an agent reads. */
  const innerGate = ({ principal }: Inspected): Gate => ({
    ...gate,
    identify: { run: (matched) => identify.adopt(matched, principal) },
    forward: { run: (inspected) => gate.forward.run(askForWholeReply(inspected, true)) },
    screen: agentScreen,
  })
  const forwards: Forward[] = []
  try {
    for (const api of apis)
      forwards.push(
        api.exposes === undefined
          ? withGuard(createForward(forwardOptionsOf(policy, api, services)), policy, api, services)
          : createToolForward(api, innerGate),
      )
  } catch (error) {
    identify.close()
    throw unusableUpstream(policy, apis[forwards.length], error)
  }
  for (const [index, api] of apis.entries()) {
    const forward = forwards[index]
    if (forward !== undefined) forwardOf.set(api.config.name, forward)
  }
  const mounts = apis.map((api) => ({
    api: api.config.name,
    host: api.config.host,
    basePath: api.basePath,
    router: compileRouter(api.contract.operations),
    cors: api.config.cors,
  }))
  const sharing = createSharing(mounts)
  const mcpMounts = mounts.filter(({ api }) => mcpNames.has(api))
  const mcpOrigin = mcpOriginsOf(apis)
  const exposing = new Set(
    apis.filter(({ exposes }) => exposes !== undefined).map(({ config }) => config.name),
  )
  const isMcp = ({ path }: Arrived): boolean => mcpMounts.some(({ basePath }) => basePath === path)
  const conclude = createConclude(({ reached, reply, denial, bytesIn, bytesOut, duration }) =>
    services.recorder.call(reached, reply, denial, { bytesIn, bytesOut, durationMs: duration }),
  )
  const own = createOwnReplies(services.assertion, metadata, publishedContracts(policy))
  const house = running === undefined ? undefined : createAuthorityHouse(running, policy.operations.length)
  const gate: Gate = {
    house,
    own: (arrived) => own(arrived) ?? sharing.preflight(arrived),
    ...withBlocks({ match: createMatch(mounts), limit }, services.watch.blocks),
    enter: entranceOf(policy, services, limit.runEarly),
    identify: withHolds(identify, services.holds.list),
    open: sealing?.open,
    authorize: withMcpCalls(
      withTaint(flowRules.length === 0 ? sealingLast : withFlows(sealingLast, flows), taint),
      mcp,
    ),
    inspect,
    isOwn: (operation) => exposing.has(operation.api),
    forward: {
      run(inspected) {
        const forward = forwardOf.get(inspected.operation.api)
        if (forward === undefined) return deny('GATEWAY_FAULT', 'forward.upstream', 'API without an upstream')
        const whole = askForWholeReply(inspected, readers[inspected.operation.slot]?.demanding === true)
        if (isSafe(inspected.method)) return forward.run(whole)
        // An owner that was read before, or is being read during, the write is not believed after it.
        const touched = authorize.touch(inspected)
        const answer = forward.run(whole)
        return touched ? answer.finally(() => authorize.touch(inspected)) : answer
      },
    },
    screen: withLeases(withMcpReplies(withUse(screen, taint), mcp), services.leases),
    origin: (matched) => mcpOrigin(matched) ?? sharing.refuseForeign(matched),
    share(arrived, reply) {
      // The server says itself who may read its replies.
      if (house?.owns(arrived) === true) return reply
      if (isMcp(arrived)) return sharing.share(arrived, mcp.refusal(reply))
      const fields = identify.replyFields(arrived.trail)
      return sharing.share(
        arrived,
        fields.length === 0 ? reply : { ...reply, fields: [...reply.fields, ...fields] },
      )
    },
    conclude,
  }
  const telling = new Set(apis.filter((api) => api.config.upstream.identity).map((api) => api.config.name))
  return {
    gate,
    identify,
    findings: [...policy.findings, ...identify.findings, ...drifted],
    upstreamFields({ principal, operation }) {
      if (!telling.has(operation.api)) return ['Sallyport-Identity', '']
      // Empty for an anonymous caller, never absent: a data plane that copies it must overwrite what the caller wrote.
      return ['Sallyport-Identity', services.assertion.header(principal, operation.api)]
    },
    async close() {
      identify.close()
      await Promise.all(
        [thread, ...forwards, ...(house === undefined ? [] : [house])].map((one) => one.close()),
      )
    },
  }
}

/** Where no rule has texts read, no model is loaded. */
const noDetector: ContextDetector = {
  scan: () => ({ findings: [], risk: 0, sanitised: undefined, removed: {}, partial: true }),
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

function unusableUpstream(policy: Policy, api: PolicyApi | undefined, error: unknown): unknown {
  if (!(error instanceof TypeError) || api === undefined) return error
  return new Unusable([
    {
      rule: 'config.upstream',
      severity: 'error',
      message: `${api.config.name}: ${error.message}`,
      place: policy.loaded.place(api.config.upstream.pointer),
    },
  ])
}
