import { mcpContract } from '../../config/sections/mcp-section.ts'
import type { ApiConfig, ExposeConfig } from '../../config/types/api-config.ts'
import { loadContract } from '../../contract/load-contract.ts'
import { parseTemplate, type Segment } from '../../contract/route/template.ts'
import type { ToolShape } from '../../contract/tool-shape.ts'
import type { RestTool } from '../../gateway/mcp/rest/tool-target.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { type ContextDetector, createContextDetector } from '../../stages/screen/context/detect/detector.ts'
import { schemeMappings } from './api-policy.ts'
import type { PolicyApi, Selecting } from './policy.ts'
import { toolTexts } from './tool-texts.ts'

/**
 * The MCP server that offers operations of an API, as an API of its own (`NAME.mcp`): its messages go through all stages, and
 * each tool call goes through them once more as the request it stands for. Undefined where nothing is offered. Throws `Unusable`.
 */
export function exposedApiOf(policy: Selecting, api: PolicyApi, firstSlot: number): PolicyApi | undefined {
  const { expose } = api.config
  if (expose === undefined) return undefined
  const offered = offeredOperations(policy, api, expose)
  const findings: Finding[] = []
  const warnings: Finding[] = []
  const wrong = (message: string, fix: string): void => {
    findings.push({
      rule: 'config.expose',
      severity: 'error',
      message: `${api.config.name}: ${message}`,
      place: policy.loaded.place(expose.pointer),
      fix,
    })
  }
  if (offered.length === 0)
    wrong(
      'no operation is offered to agents',
      'select some under `operations`, or write `x-sallyport: { expose: mcp }` at operations of the contract',
    )
  const safe = new Set(
    expose.safe.length === 0
      ? []
      : policy.select(api, expose.safe, `${expose.pointer}/safe`).map(({ slot }) => slot),
  )
  const tools: RestTool[] = []
  for (const operation of offered) {
    const shape = api.contract.tool(operation.slot)
    if (shape === undefined || typeof shape === 'string') {
      wrong(
        `\`${operation.id}\` cannot be a tool: ${shape ?? 'it is unknown'}`,
        'take it out of `operations`',
      )
      continue
    }
    const destructive = operation.method !== 'GET' && !safe.has(operation.slot)
    if (destructive && expose.approval.length === 0)
      wrong(
        `\`${operation.id}\` (${operation.method}) may destroy something, and nothing asks whether a person agreed`,
        'write `approvalScope: agent:approve`, or name the operation under `safe`',
      )
    const tool = toolOf(api, operation, shape, destructive ? expose.approval : [], destructive)
    if (tools.some(({ name }) => name === tool.name))
      wrong(`two tools would be called \`${tool.name}\``, 'give the operations other `operationId`s')
    tools.push(tool)
    if (JSON.stringify(shape.input).includes('"format":"password"'))
      warnings.push({
        rule: 'mcp.secret-argument',
        severity: 'warning',
        message: `\`${operation.id}\` takes a password: an agent would have to know it, and remembers what it knows`,
        place: operation.place,
        fix: 'take it out of `operations`',
      })
    for (const { what, pointer, rules } of toolTexts(tool, provideDetector())) {
      if (what === 'hidden')
        wrong(
          `agents would read what nobody sees in \`${operation.id}\` at ${pointer} (${rules.join(', ')})`,
          'remove it from the contract',
        )
      else
        warnings.push({
          rule: 'mcp.description',
          severity: 'warning',
          message: `\`${operation.id}\` reads like an order to agents at ${pointer} (${rules.join(', ')})`,
          place: operation.place,
          fix: 'say what the operation does, not what its reader should do',
        })
    }
  }
  const basePath = api.basePath + expose.path
  if (api.contract.operations.some(({ template }) => template === expose.path))
    wrong(`the contract has a path \`${expose.path}\` of its own`, 'write another `path`')
  const issuers = issuersOf(policy, api, offered)
  if (issuers.length === 0 && offered.length > 0)
    wrong('agents come with tokens, and no offered operation takes one', 'name an issuer under `security`')
  if (findings.length > 0) throw new Unusable(findings)
  const config = configOf(api.config, expose, issuers)
  const contract = loadContract({ file: mcpContract, api: config.name, firstSlot })
  return {
    config: { ...config, basePath },
    contract: { ...contract, findings: [...contract.findings, ...warnings] },
    basePath,
    exposes: {
      api: api.config.name,
      version: api.contract.version,
      tools,
      instructions: expose.instructions,
    },
  }
}

function offeredOperations(policy: Selecting, api: PolicyApi, expose: ExposeConfig): readonly Operation[] {
  const selected = new Set(
    expose.operations.length === 0
      ? []
      : policy.select(api, expose.operations, `${expose.pointer}/operations`).map(({ slot }) => slot),
  )
  return api.contract.operations.filter(
    ({ slot, extension }) => selected.has(slot) || extension?.['expose'] === 'mcp',
  )
}

/** Issuers whose tokens some offered operation takes. */
function issuersOf(policy: Selecting, api: PolicyApi, offered: readonly Operation[]): readonly string[] {
  const used = new Set(offered.flatMap(({ security }) => security.flat().map(({ scheme }) => scheme)))
  const known = new Set(policy.loaded.config.issuers.map(({ name }) => name))
  const names = schemeMappings(policy, api).flatMap(({ scheme, issuers }) =>
    used.has(scheme) && issuers !== 'public' ? issuers : [],
  )
  return [...new Set(names)].filter((name) => known.has(name))
}

let detector: ContextDetector | undefined

/** The detector is only made where something is offered. */
function provideDetector(): ContextDetector {
  detector ??= createContextDetector()
  return detector
}

/** What the API says of its calls holds for the messages as well, but for rules about operations. */
function configOf(config: ApiConfig, expose: ExposeConfig, issuers: readonly string[]): ApiConfig {
  return {
    ...config,
    name: `${config.name}.mcp`,
    contract: mcpContract,
    url: config.url === undefined ? undefined : config.url + expose.path,
    authentication: [],
    security: [{ scheme: 'mcp', issuers, public: false, pointer: `${config.pointer}/security` }],
    open: [],
    // Each call is searched for attacks as the request it is.
    controls: { ...config.controls, injection: 'off' },
    functions: [],
    objects: [],
    flows: [],
    content: [],
    properties: [],
    limits: config.limits.filter(({ for: selectors }) => selectors.length === 1 && selectors[0] === '*'),
    priority: [],
    detectors: [],
    websocket: [],
    taint: { ...config.taint, mode: 'off' },
    graphql: { ...config.graphql, for: [] },
    injection: { ...config.injection, operations: [], exceptions: [] },
    secrets: { ...config.secrets, except: [] },
    mcp: {
      pins: expose.pins,
      tools: [],
      answerWithin: 300_000,
      requests: { forms: false, urls: [], sampling: false, roots: false },
    },
    expose: undefined,
  }
}

function toolOf(
  api: PolicyApi,
  operation: Operation,
  shape: ToolShape,
  approval: readonly string[],
  destructive: boolean,
): RestTool {
  const { summary, description, input, output } = shape
  const name = operation.id.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 64)
  const texts = [summary, description].map((text) => text.trim()).filter((text) => text !== '')
  const reads = operation.method === 'GET'
  // Only what is enforced can be promised.
  const promised = api.config.controls['response-schema'] === 'enforce' && output !== undefined
  return {
    operation,
    name,
    approval,
    arguments: shape.arguments,
    body: shape.body,
    path: writePath(api.basePath, operation.template),
    definition: {
      name,
      ...(summary !== '' && { title: summary }),
      description: texts.length === 0 ? `${operation.method} ${operation.template}` : texts.join('\n\n'),
      inputSchema: input,
      ...(promised && { outputSchema: output }),
      annotations: {
        readOnlyHint: reads,
        destructiveHint: destructive,
        idempotentHint: reads || operation.method === 'PUT' || operation.method === 'DELETE',
        openWorldHint: false,
      },
    },
  }
}

/** Writes values into a path template. */
function writePath(basePath: string, template: string): (values: ReadonlyMap<string, string>) => string {
  const parsed = parseTemplate(template)
  const segments = typeof parsed === 'string' ? [] : parsed
  return (values) => `${basePath}/${segments.map((segment) => writeSegment(segment, values)).join('/')}`
}

function writeSegment(segment: Segment, values: ReadonlyMap<string, string>): string {
  const encoded = (name: string): string => encodeURIComponent(values.get(name) ?? '')
  switch (segment.kind) {
    case 'literal':
      return encodeURI(segment.text)
    case 'parameter':
      return encoded(segment.name)
    case 'mixed':
      return segment.literals
        .map((text, i) => encodeURI(text) + (i < segment.names.length ? encoded(segment.names[i] ?? '') : ''))
        .join('')
  }
}
