import type { Imported, ImportedApi, ImportedRoute } from './imported.ts'
import { KongPlugins, type KongSettings } from './kong-plugins.ts'
import { parsePath, parsePathPattern } from './path-template.ts'
import { listOf, member, Notes, nameOf, numberOf, textOf, textsOf } from './reading.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Kong’s declarative configuration (`_format_version` 1.1 to 3.0). */
export function readKong(tree: unknown, source: string): Imported {
  return new KongReader(source).read(tree)
}

class KongReader {
  readonly #source: string
  readonly #notes = new Notes()
  readonly #plugins = new KongPlugins(this.#notes)

  constructor(source: string) {
    this.#source = source
  }

  read(tree: unknown): Imported {
    const everywhere = this.#plugins.read(
      listOf(tree, 'plugins').filter(
        (one) => member(one, 'service') === undefined && member(one, 'route') === undefined,
      ),
      'plugins',
      undefined,
    )
    const loose = listOf(tree, 'routes')
    const apis = listOf(tree, 'services').flatMap((service, i) => {
      const name = textOf(service, 'name') || `service-${i + 1}`
      const own = [
        ...listOf(service, 'routes'),
        ...loose.filter((route) => nameIn(route, 'service') === name),
      ]
      return this.#service(service, name, own, everywhere, tree)
    })
    for (const key of ['consumers', 'keyauth_credentials', 'jwt_secrets', 'basicauth_credentials', 'acls'])
      if (listOf(tree, key).length > 0)
        this.#notes.add(
          key,
          'credentials are not carried over',
          'issue keys with `sallyport keys create`, or let callers get tokens from an issuer',
        )
    for (const key of ['upstreams', 'targets'])
      if (listOf(tree, key).length > 0)
        this.#notes.add(
          key,
          'several targets of one upstream are not carried over',
          'name a load balancer as the upstream',
        )
    return {
      source: this.#source,
      apis,
      issuers: [...this.#plugins.issuers.values()],
      ...(this.#plugins.keyHeader === undefined ? {} : { keyHeader: this.#plugins.keyHeader }),
      notes: this.#notes.list,
    }
  }

  #service(
    service: unknown,
    name: string,
    routes: readonly unknown[],
    everywhere: KongSettings,
    tree: unknown,
  ): readonly ImportedApi[] {
    const where = `service ${name}`
    const { url, path } = addressOf(service)
    const scattered = listOf(tree, 'plugins').filter(
      (one) => nameIn(one, 'service') === name && member(one, 'route') === undefined,
    )
    const plugins = this.#plugins.read([...listOf(service, 'plugins'), ...scattered], where, everywhere)
    const found: ImportedRoute[] = []
    const hosts = new Set<string>()
    for (const [i, route] of routes.entries()) {
      const label = `route ${textOf(route, 'name') || `${i + 1} of ${name}`}`
      for (const host of textsOf(route, 'hosts')) hosts.add(host)
      const ofRoute = listOf(tree, 'plugins').filter(
        (one) => nameIn(one, 'route') === textOf(route, 'name') && textOf(route, 'name') !== '',
      )
      const its = this.#plugins.read([...listOf(route, 'plugins'), ...ofRoute], label, plugins)
      found.push(...this.#route(route, label, path, its))
    }
    if (found.length === 0) return []
    const timeout = numberOf(service, 'read_timeout')
    const [host] = hosts
    if (hosts.size > 1)
      this.#notes.add(where, `${hosts.size} hosts`, 'write the API once for each `host`, or leave `host` out')
    const exact = host !== undefined && hosts.size === 1 && !host.includes('*')
    if (host?.includes('*') === true)
      this.#notes.add(where, 'a host with a wildcard', 'write each `host`, or leave it out')
    return [
      {
        name: nameOf(name, 'api'),
        upstream: url + (routes.every((route) => member(route, 'strip_path') === false) ? path : ''),
        ...(exact ? { host } : {}),
        ...(timeout === undefined ? {} : { timeoutMs: timeout }),
        ...(plugins.requestBody === undefined ? {} : { requestBody: plugins.requestBody }),
        ...(plugins.cors === undefined ? {} : { cors: plugins.cors }),
        routes: found,
      },
    ]
  }

  #route(
    route: unknown,
    label: string,
    servicePath: string,
    plugins: KongSettings,
  ): readonly ImportedRoute[] {
    const paths = textsOf(route, 'paths')
    const strips = member(route, 'strip_path') !== false
    const declared = textsOf(route, 'methods').map((method) => method.toUpperCase())
    if (declared.length === 0)
      this.#notes.add(
        label,
        'no methods are named, so Kong takes all',
        `${methods.join(', ')} are written: remove what is not needed`,
      )
    for (const key of ['headers', 'snis', 'sources', 'destinations', 'expression'])
      if (member(route, key) !== undefined)
        this.#notes.add(
          label,
          `matching by \`${key}\``,
          'is not done: only host, method and path choose an operation',
        )
    return (paths.length === 0 ? ['/'] : paths).flatMap((path) => {
      const regular = path.startsWith('~')
      const parsed = regular ? parsePathPattern(path.slice(1)) : parsePath(path)
      if (typeof parsed === 'string') {
        this.#notes.add(
          label,
          `a path that is not carried over (${parsed})`,
          'declare its operations in the contract',
        )
        return []
      }
      if (parsed.loss !== undefined) this.#notes.add(label, parsed.loss, 'look at the contract')
      if (strips && parsed.template !== '/' && servicePath !== parsed.template)
        this.#notes.add(
          label,
          '`strip_path`: the upstream gets the whole path here',
          'let the upstream take the path, or put it under the same path',
        )
      const templates = regular
        ? [parsed.template]
        : [parsed.template, `${parsed.template === '/' ? '' : parsed.template}/{id}`]
      if (!regular)
        this.#notes.add(
          label,
          'paths are prefixes in Kong',
          'the path and one segment below it are declared; declare deeper ones in the contract',
        )
      const taken =
        declared.length === 0
          ? methods
          : declared.filter((method) => methods.includes(method) || method === 'HEAD' || method === 'OPTIONS')
      return templates.flatMap((template) =>
        taken.map((method) => ({
          method,
          template,
          authentication: plugins.authentication,
          limits: plugins.limits,
          query: [],
        })),
      )
    })
  }
}

function nameIn(value: unknown, key: string): string {
  const found = member(value, key)
  return typeof found === 'string' ? found : textOf(found, 'name')
}

function addressOf(service: unknown): { url: string; path: string } {
  const url = URL.parse(textOf(service, 'url'))
  if (url !== null)
    return {
      url: `${url.protocol === 'https:' ? 'https' : 'http'}://${url.host}`,
      path: url.pathname.replace(/\/$/, ''),
    }
  const host = textOf(service, 'host') || 'upstream.invalid'
  const protocol = textOf(service, 'protocol') === 'https' ? 'https' : 'http'
  const port = numberOf(service, 'port')
  return {
    url: `${protocol}://${host}${port === undefined || port === (protocol === 'https' ? 443 : 80) ? '' : `:${port}`}`,
    path: textOf(service, 'path').replace(/\/$/, ''),
  }
}
