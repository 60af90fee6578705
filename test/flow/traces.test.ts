import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { OtlpAttribute } from '../../src/stages/record/otlp/otlp.ts'
import type { Span } from '../../src/stages/record/traces/span.ts'
import { type Answer, type Posted, startReceiver } from '../support/receiver.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'

async function traced(
  t: TestContext,
  settings: string,
  answer?: (n: number) => Answer,
): Promise<{ readonly gateway: RunningGateway; readonly posted: Posted[] }> {
  const { url, posted } = await startReceiver(t, answer)
  const gateway = await startGateway({
    contract: thingsContract,
    top: `traces: { url: "${url}"${settings} }`,
  })
  t.after(() => gateway.close())
  return { gateway, posted }
}

async function call(
  gateway: RunningGateway,
  path: string,
  headers: Record<string, string> = {},
): Promise<void> {
  await (await fetch(gateway.url + path, { headers })).arrayBuffer()
}

async function spansFrom(posted: readonly Posted[], count: number): Promise<Span[]> {
  for (let tries = 0; tries < 120; tries++) {
    const spans = posted.flatMap(({ body }) =>
      (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
        ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
      ),
    )
    if (spans.filter(({ kind }) => kind === 2).length >= count) return spans
    await wait(50)
  }
  return assert.fail('no spans')
}

function attributeOf(span: Span | undefined, key: string): string | number | boolean | undefined {
  const one: OtlpAttribute | undefined = span?.attributes.find((attribute) => attribute.key === key)
  if (one === undefined) return undefined
  if ('stringValue' in one.value) return one.value.stringValue
  if ('intValue' in one.value) return Number(one.value.intValue)
  return 'boolValue' in one.value ? one.value.boolValue : one.value.doubleValue
}

async function metric(gateway: RunningGateway, line: RegExp): Promise<boolean> {
  for (let tries = 0; tries < 120; tries++) {
    if (line.test(await (await fetch(`${gateway.adminUrl}/metrics`)).text())) return true
    await wait(50)
  }
  return false
}

describe('traces', () => {
  test('one span a call below that of its caller, one in it for each stage, the upstream below ours', async (t) => {
    const { gateway, posted } = await traced(t, ', ratio: 1')
    await call(gateway, '/public', { traceparent: `00-${traceId}-b7ad6b7169203331-00` })
    const spans = await spansFrom(posted, 1)
    const server = spans.find(({ kind }) => kind === 2)
    assert.equal(server?.name, 'GET /public')
    assert.equal(server?.traceId, traceId)
    assert.equal(server?.parentSpanId, 'b7ad6b7169203331')
    assert.equal(attributeOf(server, 'http.route'), '/public')
    assert.equal(attributeOf(server, 'url.path'), '/public')
    assert.equal(attributeOf(server, 'http.response.status_code'), 200)
    assert.equal(attributeOf(server, 'server.address'), '127.0.0.1')
    const stages = spans.filter((span) => span !== server)
    assert.deepEqual(
      stages.map((span) => attributeOf(span, 'sallyport.stage')),
      ['listen', 'match', 'identify', 'authorize', 'limit', 'inspect', 'forward', 'screen', 'record'],
    )
    const [from, to] = [BigInt(server?.startTimeUnixNano ?? 0), BigInt(server?.endTimeUnixNano ?? 0)]
    assert.ok(to > from)
    for (const span of stages) {
      assert.equal(span.parentSpanId, server?.spanId)
      assert.ok(BigInt(span.startTimeUnixNano) >= from && BigInt(span.endTimeUnixNano) <= to)
    }
    // What the upstream was told is the span of the stage that called it, and that the trace is kept.
    const client = stages.find(({ kind }) => kind === 3)
    assert.equal(gateway.upstream.seen[0]?.headers['traceparent'], `00-${traceId}-${client?.spanId}-01`)
    assert.equal(attributeOf(client, 'server.port'), Number(new URL(gateway.upstream.url).port))
    await call(gateway, '/public?token=canary-query')
    await spansFrom(posted, 2)
    assert.ok(!JSON.stringify(posted).includes('canary-query'))
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length)
  })

  test('refusals have a span with what each check said; only faults are errors', async (t) => {
    const { gateway, posted } = await traced(t, ', ratio: 1')
    await call(gateway, '/things/1')
    await call(gateway, '/nothing/here')
    const spans = await spansFrom(posted, 2)
    const [refused, unknown] = spans.filter(({ kind }) => kind === 2)
    assert.equal(attributeOf(refused, 'sallyport.code'), 'IDENTIFY_REQUIRED')
    assert.equal(refused?.status, undefined)
    assert.match(JSON.stringify(spans), /sallyport\.check/)
    assert.equal(unknown?.name, 'GET')
    assert.equal(attributeOf(unknown, 'http.route'), undefined)
    gateway.upstream.answer = (_request, response) => response.destroy()
    await call(gateway, '/public')
    const failed = (await spansFrom(posted, 3)).filter(({ kind }) => kind === 2)[2]
    assert.deepEqual(failed?.status, { code: 2 })
    assert.match(String(attributeOf(failed, 'error.type')), /^FORWARD_/)
  })

  test('a share of traces is kept, and the upstream is told which', async (t) => {
    const { gateway, posted } = await traced(t, ', ratio: 0.5')
    const low = `${'a'.repeat(18)}00000000000001`
    const high = `${'a'.repeat(18)}ffffffffffffff`
    await call(gateway, '/public', { traceparent: `00-${high}-b7ad6b7169203331-01` })
    await call(gateway, '/public', { traceparent: `00-${low}-b7ad6b7169203331-00` })
    const spans = await spansFrom(posted, 1)
    assert.ok(spans.every((span) => span.traceId === low))
    const told = gateway.upstream.seen.map(({ headers }) => String(headers['traceparent']).slice(-2))
    // The caller keeps its own choice where the gateway has none of its own.
    assert.deepEqual(told, ['01', '01'])
  })

  test('a caller decides only where it may', async (t) => {
    const { gateway, posted } = await traced(t, ', ratio: 0, callers: respect')
    await call(gateway, '/public')
    await call(gateway, '/public', { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
    const spans = await spansFrom(posted, 1)
    assert.equal(spans.filter(({ kind }) => kind === 2).length, 1)
    assert.match(String(gateway.upstream.seen[0]?.headers['traceparent']), /-00$/)
  })

  test('a collector that is away is tried again; one that refuses costs counted spans and no call', async (t) => {
    const { gateway, posted } = await traced(t, ', ratio: 1', (n) => ({
      status: n === 1 ? 503 : n === 2 ? 200 : 400,
    }))
    await call(gateway, '/public')
    assert.ok(await metric(gateway, /^sallyport_traces_total\{outcome="sent"\} 1$/m))
    assert.equal(posted.length, 2)
    await call(gateway, '/public')
    assert.ok(await metric(gateway, /^sallyport_traces_total\{outcome="lost"\} 1$/m))
  })

  test('latency metrics name a kept trace where the format can', async (t) => {
    const { gateway } = await traced(t, ', ratio: 1')
    await call(gateway, '/public', { traceparent: `00-${traceId}-b7ad6b7169203331-00` })
    const reply = await fetch(`${gateway.adminUrl}/metrics`, {
      headers: { accept: 'application/openmetrics-text' },
    })
    assert.match(reply.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/)
    const text = await reply.text()
    assert.match(
      text,
      /^sallyport_request_duration_seconds_bucket\{[^}]*operation="readPublic"[^}]*\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} [\d.e-]+ \d+\.\d{3}$/m,
    )
    assert.match(text, /^# TYPE sallyport_requests counter$/m)
    assert.match(text, /^sallyport_requests_total\{/m)
    assert.match(
      text,
      /^sallyport_operation_calls_total\{api="things",operation="readPublic",method="GET",template="\/public"\} 1$/m,
    )
    assert.match(text, /^sallyport_checks_total\{stage="[a-z]+",verdict="allow"\} \d+$/m)
    assert.ok(text.endsWith('# EOF\n'))
    const plain = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.ok(!plain.includes('trace_id='))
    assert.match(plain, /^sallyport_requests_total\{/m)
  })
})
