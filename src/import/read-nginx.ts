import type {
  Imported,
  ImportedApi,
  ImportedAuthentication,
  ImportedLimit,
  ImportedRoute,
} from './imported.ts'
import { type Directive, parseNginx } from './parse-nginx.ts'
import { parsePath, parsePathPattern } from './path-template.ts'
import { Notes, nameOf } from './reading.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The basics of nginx: `server`, `location`, `proxy_pass`, `limit_except`, `limit_req`. Includes are not followed. */
export function readNginx(text: string, file: string): Imported {
  const tree = parseNginx(text, file)
  const http = tree.find(({ name }) => name === 'http')?.block ?? tree
  const notes = new Notes()
  const zones = zonesOf(http)
  const upstreams = upstreamsOf(http, notes)
  const apis = new Map<
    string,
    { upstream: string; host: string | undefined; bytes: number | undefined; routes: ImportedRoute[] }
  >()
  for (const directive of [...tree, ...http])
    if (directive.name === 'include')
      notes.add(`line ${directive.line}`, '`include` is not followed', 'import the included file by itself')
  for (const server of http.filter(({ name }) => name === 'server')) {
    const inside = server.block ?? []
    const host = hostOf(inside, server.line, notes)
    for (const location of locationsOf(inside)) {
      const where = `line ${location.line}: location ${location.words.join(' ').slice(0, 100)}`
      const block = location.block ?? []
      const pass = block.find(({ name }) => name === 'proxy_pass')
      if (pass === undefined) {
        notes.add(where, reasonOf(block), 'is left out: what no contract declares is refused')
        continue
      }
      const templates = templatesOf(location.words, where, notes)
      if (templates.length === 0) continue
      const origin = originOf(pass.words[0] ?? '', templates[0] ?? '/', upstreams, where, notes)
      const limits = limitsOf([...inside, ...block], zones, where, notes)
      const authentication = authenticationOf(block, inside, where, notes)
      const taken = methodsOf(block, where, notes)
      for (const { name } of block)
        if (!known.has(name)) notes.add(where, `\`${nameOf(name, 'a directive')}\``, 'is not carried over')
      const key = `${origin} ${host ?? ''}`
      const api = apis.get(key) ?? {
        upstream: origin,
        host,
        bytes: bytesOf([...http, ...inside, ...block]),
        routes: [],
      }
      apis.set(key, api)
      for (const template of templates)
        for (const method of taken) api.routes.push({ method, template, authentication, limits, query: [] })
    }
  }
  const named = new Set<string>()
  return {
    source: file,
    issuers: [...apis.values()].some(({ routes }) =>
      routes.some(({ authentication }) => authentication.kind === 'token'),
    )
      ? [{ name: 'tokens', audience: [], algorithms: [] }]
      : [],
    apis: [...apis.values()].map(({ upstream, host, bytes, routes }): ImportedApi => {
      let name = nameOf(host?.split('.')[0] ?? URL.parse(upstream)?.hostname ?? '', 'api')
      while (named.has(name)) name = `${name}-2`
      named.add(name)
      return {
        name,
        upstream,
        ...(host === undefined ? {} : { host }),
        ...(bytes === undefined ? {} : { requestBody: bytes }),
        routes,
      }
    }),
    notes: notes.list,
  }
}

const known: ReadonlySet<string> = new Set(
  'proxy_pass limit_except limit_req limit_req_status auth_basic auth_basic_user_file auth_jwt auth_jwt_key_file auth_request client_max_body_size proxy_set_header proxy_http_version proxy_read_timeout proxy_connect_timeout proxy_send_timeout proxy_buffering proxy_redirect access_log error_log location allow deny'.split(
    ' ',
  ),
)

function locationsOf(inside: readonly Directive[]): readonly Directive[] {
  return inside
    .filter(({ name }) => name === 'location')
    .flatMap((one) => [one, ...locationsOf(one.block ?? [])])
}

function upstreamsOf(http: readonly Directive[], notes: Notes): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { name, words, block, line } of http) {
    if (name !== 'upstream' || block === undefined) continue
    const servers = block.filter((one) => one.name === 'server').map((one) => one.words[0] ?? '')
    if (servers.length > 1)
      notes.add(
        `line ${line}: upstream`,
        `${servers.length} servers`,
        'the first is called: name a load balancer as the upstream',
      )
    found.set(words[0] ?? '', servers[0] ?? 'upstream.invalid')
  }
  return found
}

function hostOf(inside: readonly Directive[], line: number, notes: Notes): string | undefined {
  const names = inside
    .filter(({ name }) => name === 'server_name')
    .flatMap(({ words }) => words)
    .filter((name) => name !== '_' && name !== '' && name !== 'localhost')
  const plain = names.filter((name) => /^[A-Za-z0-9.-]+$/.test(name) && !name.startsWith('.'))
  if (names.length > 1 || plain.length < names.length)
    notes.add(
      `line ${line}: server`,
      'several server names, or names with wildcards',
      'write the API once for each `host`, or leave `host` out',
    )
  return names.length === 1 ? plain[0] : undefined
}

function templatesOf(words: readonly string[], where: string, notes: Notes): readonly string[] {
  const [modifier = '', path = ''] = words.length > 1 ? words : ['', words[0] ?? '']
  if (modifier === '~' || modifier === '~*') {
    const parsed = parsePathPattern(path)
    if (typeof parsed === 'string') {
      notes.add(
        where,
        `a pattern that is not carried over (${parsed})`,
        'declare its operations in the contract',
      )
      return []
    }
    notes.add(where, parsed.loss ?? 'a pattern', 'look at the contract')
    return [parsed.template]
  }
  if (path.startsWith('@')) return []
  const parsed = parsePath(path)
  if (typeof parsed === 'string') {
    notes.add(where, `a path that is not carried over (${parsed})`, 'declare its operations in the contract')
    return []
  }
  if (modifier === '=') return [parsed.template]
  notes.add(
    where,
    'locations are prefixes in nginx',
    'the path and one segment below it are declared; declare deeper ones in the contract',
  )
  return [parsed.template, `${parsed.template === '/' ? '' : parsed.template}/{id}`]
}

function originOf(
  pass: string,
  template: string,
  upstreams: ReadonlyMap<string, string>,
  where: string,
  notes: Notes,
): string {
  const match = /^(https?):\/\/([^/$]+)(\/.*)?$/.exec(pass)
  if (match === null) {
    notes.add(where, '`proxy_pass` with variables or a socket', 'write the upstream’s URL')
    return 'http://upstream.invalid'
  }
  const [, scheme = 'http', host = '', path] = match
  const origin = `${scheme}://${upstreams.get(host) ?? host}`
  if (path !== undefined && path.replace(/\/$/, '') !== template.replace(/\/$/, ''))
    notes.add(
      where,
      '`proxy_pass` with a path replaces the location',
      'the upstream gets the whole path here: let it take that, or put it under the same path',
    )
  return origin
}

function methodsOf(block: readonly Directive[], where: string, notes: Notes): readonly string[] {
  const except = block.find(({ name }) => name === 'limit_except')
  if (except === undefined) {
    notes.add(
      where,
      'no methods are named, so nginx takes all',
      `${methods.join(', ')} are written: remove what is not needed`,
    )
    return methods
  }
  return except.words.map((word) => word.toUpperCase()).filter((word) => /^[A-Z]+$/.test(word))
}

function authenticationOf(
  block: readonly Directive[],
  inside: readonly Directive[],
  where: string,
  notes: Notes,
): ImportedAuthentication {
  const said = (name: string): Directive | undefined =>
    block.find((one) => one.name === name) ?? inside.find((one) => one.name === name)
  const off = (one: Directive | undefined): boolean => one === undefined || one.words[0] === 'off'
  if (!off(said('auth_jwt'))) {
    notes.add(
      where,
      '`auth_jwt` checks neither issuer nor audience',
      'write the issuer, its audience and its keys under `issuers`',
    )
    return { kind: 'token', issuer: 'tokens', scopes: [], roles: [] }
  }
  if (!off(said('auth_request'))) {
    notes.add(
      where,
      '`auth_request` asks a service',
      'its rules become `functions` and `objects`; an external decision point is `ask`',
    )
    return { kind: 'token', issuer: 'tokens', scopes: [], roles: [] }
  }
  if (!off(said('auth_basic'))) {
    notes.add(where, 'passwords on every call (`auth_basic`) are not taken', 'let callers get tokens')
    return { kind: 'token', issuer: 'tokens', scopes: [], roles: [] }
  }
  if (block.some(({ name }) => name === 'allow' || name === 'deny'))
    notes.add(
      where,
      'addresses that are allowed or denied',
      'keep them in front, or write `functions` with `request.ip`',
    )
  return { kind: 'none' }
}

function zonesOf(
  http: readonly Directive[],
): ReadonlyMap<string, { per: ImportedLimit['per']; rate: string }> {
  const found = new Map<string, { per: ImportedLimit['per']; rate: string }>()
  for (const { name, words } of http) {
    if (name !== 'limit_req_zone') continue
    const zone = /^zone=([^:]+)/.exec(words.find((word) => word.startsWith('zone=')) ?? '')?.[1]
    const rate = /^rate=(\d+)r\/(s|m)$/.exec(words.find((word) => word.startsWith('rate=')) ?? '')
    if (zone === undefined || rate === null) continue
    const per = /remote_addr|realip/.test(words[0] ?? '') ? 'ip' : 'caller'
    found.set(zone, { per, rate: `${rate[1]}/${rate[2] === 'm' ? 'min' : 's'}` })
  }
  return found
}

function limitsOf(
  list: readonly Directive[],
  zones: ReadonlyMap<string, ImportedLimit>,
  where: string,
  notes: Notes,
): readonly ImportedLimit[] {
  return list.flatMap(({ name, words }) => {
    if (name !== 'limit_req') return []
    const zone = /^zone=(.+)$/.exec(words.find((word) => word.startsWith('zone=')) ?? '')?.[1] ?? ''
    const limit = zones.get(zone)
    if (limit !== undefined) return [limit]
    notes.add(where, 'a limit whose zone is not in this file', 'write it under `limits`')
    return []
  })
}

function bytesOf(list: readonly Directive[]): number | undefined {
  const size = list.findLast(({ name }) => name === 'client_max_body_size')?.words[0] ?? ''
  const match = /^(\d+)([kmg])?$/i.exec(size)
  if (match === null || match[1] === '0') return undefined
  const unit = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(match[2] ?? '').toLowerCase()] ?? 1
  return Number(match[1]) * unit
}

function reasonOf(block: readonly Directive[]): string {
  const names = new Set(block.map(({ name }) => name))
  if (names.has('return') || names.has('rewrite')) return 'a redirect or fixed answer'
  if (names.has('root') || names.has('alias') || names.has('try_files')) return 'files'
  if (['fastcgi_pass', 'uwsgi_pass', 'grpc_pass', 'scgi_pass'].some((name) => names.has(name)))
    return 'an upstream that does not speak HTTP'
  return 'nothing is passed on'
}
