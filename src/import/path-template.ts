/** What a path of another configuration becomes. */
export interface PathTemplate {
  readonly template: string
  /** Said of it where it is not the same. */
  readonly loss?: string
}

const names = /^[A-Za-z_][\w-]*$/

/** `/users/:id`, `/files/*`, `/users/{id}` → an OpenAPI template. A string is why there is none. */
export function parsePath(path: string): PathTemplate | string {
  if (!path.startsWith('/')) return 'the path does not begin with `/`'
  let loss: string | undefined
  let wild = 0
  const parts = path
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '')
    .split('/')
    .map((part) => {
      if (part === '*' || part === '**' || part === '(.*)' || part === '.*') {
        loss = 'a wildcard stands for one segment only'
        wild += 1
        return wild === 1 ? '{rest}' : `{rest${wild}}`
      }
      const named = /^:(\w+)(\([^)]*\))?([?*+])?$/.exec(part) ?? /^\{(\w+)(:[^}]*)?\}$/.exec(part)
      if (named === null) return part
      if (named[2] !== undefined)
        loss = 'the pattern of a parameter is not carried over: write it into its schema'
      if (named[3] !== undefined) loss = 'an optional or repeated parameter stands for exactly one segment'
      return `{${named[1]}}`
    })
  const template = parts.join('/') === '' ? '/' : parts.join('/')
  if (/[*()|^$\\+?#\s]/.test(template.replaceAll(/\{\w+\}/g, ''))) return 'the path is a pattern'
  return loss === undefined ? { template } : { template, loss }
}

/** A regular expression for paths, where it is no more than literals and groups: `/users/(?<id>\d+)$`. */
export function parsePathPattern(pattern: string): PathTemplate | string {
  let count = 0
  const path = pattern
    .replace(/^\^/, '')
    .replace(/\/?\??\$$/, '')
    .replaceAll(/\\([./-])/g, '$1')
    .replaceAll(/\(\?<([A-Za-z]\w*)>[^()]*\)/g, '{$1}')
    .replaceAll(
      /\((?:\?:)?(?:\\d|\\w|\[[^\]]*\]|\.)[+*]?(?:\{[\d,]+\})?\)|(?:\\d|\\w|\[[^\]/]*\])[+*]/g,
      () => {
        count += 1
        return `{p${count}}`
      },
    )
  const found = parsePath(path)
  if (typeof found === 'string') return found
  return {
    template: found.template,
    loss: 'the pattern of a parameter is not carried over: write it into its schema',
  }
}

/** Parameters of a template, in order, each once. */
export function parametersOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? ''))]
}

/** A template that the contract takes: names of parameters are plain and occur once. */
export function tidy(template: string): string {
  const seen = new Set<string>()
  return template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => {
    let plain = names.test(name) ? name : name.replace(/\W+/g, '_').replace(/^(?=\d)/, 'p')
    while (seen.has(plain)) plain = `${plain}2`
    seen.add(plain)
    return `{${plain}}`
  })
}
