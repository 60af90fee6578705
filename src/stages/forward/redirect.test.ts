import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fields } from '../../kernel/fields.ts'
import { isDenied } from '../../kernel/verdict.ts'
import { parseOrigin } from './dial.ts'
import type { ForwardOptions } from './forward-options.ts'
import { compileRedirect } from './redirect.ts'

const url = 'http://inner.example:4000/base'

function judge(location: string, options: Partial<ForwardOptions> = {}, status = 302): string {
  const fields = new Fields(['x', 'location', 'location', location])
  const outcome = compileRedirect(parseOrigin(url), { url, ...options })({
    status,
    fields,
    body: undefined,
    wait: 0,
    tunnel: undefined,
  })
  return isDenied(outcome) ? outcome.code : (outcome.fields.get('location') ?? '')
}

describe('redirects of the upstream', () => {
  it('become paths where they point inside', () => {
    assert.equal(judge('http://inner.example:4000/base/a?b#c'), '/a?b#c')
    assert.equal(judge('//inner.example:4000/base'), '/')
    assert.equal(judge('/base/a'), '/a')
    assert.equal(judge('/other'), '/other')
    assert.equal(judge('a/b'), 'a/b')
    assert.equal(judge('/base/a', { stripPrefix: '/v1' }), '/v1/a')
  })

  it('stay as they are where no hosts are named', () => {
    assert.equal(judge('https://elsewhere.example/x'), 'https://elsewhere.example/x')
  })

  it('are refused to hosts that are not named', () => {
    const options = { redirectHosts: ['id.travel.example'], publicAuthority: 'api.travel.example' }
    assert.equal(judge('https://id.travel.example/login', options), 'https://id.travel.example/login')
    assert.equal(judge('https://api.travel.example/x', options), 'https://api.travel.example/x')
    for (const evil of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      'https://id.travel.example@evil.example/',
      'http://[',
      ' https://evil.example',
      'https:evil.example',
    ])
      assert.equal(judge(evil, options), 'FORWARD_MALFORMED', evil)
    assert.equal(judge('https://evil.example', options, 201), 'FORWARD_MALFORMED')
  })
})
