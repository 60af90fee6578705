import type { Operation } from '../../kernel/operation.ts'
import type { Router } from './router.ts'

/** What a URL of an API names. */
export interface ResolvedUrl {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
}

const maxLength = 4_096

/** The path of a URL or of a relative reference that begins with a slash; undefined for everything else. */
function pathOfUrl(url: string): string | undefined {
  if (url.length > maxLength || /[\u0000- \\]/.test(url)) return undefined
  const absolute = /^https?:\/\/[^/?#]+(\/[^?#]*)?/i.exec(url)
  if (absolute !== null) return absolute[1] ?? '/'
  if (!url.startsWith('/') || url.startsWith('//')) return undefined
  return /^[^?#]*/.exec(url)?.[0]
}

/** Finds the operation whose path a URL has, whatever its method: the one that is safe, where there are several. */
export function compileResolver(router: Router, basePath: string): (url: string) => ResolvedUrl | undefined {
  return (url) => {
    const path = pathOfUrl(url)
    if (path === undefined || !path.startsWith(basePath)) return undefined
    const found = router.find('GET', path.slice(basePath.length) || '/')
    if (found === undefined) return undefined
    if ('operation' in found) return found
    const other = router.find(found.allow[0] ?? '', path.slice(basePath.length) || '/')
    return other !== undefined && 'operation' in other ? other : undefined
  }
}
