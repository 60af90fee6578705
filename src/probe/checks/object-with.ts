import { isObject } from '../../contract/schema.ts'

/** The innermost object that has a value among its own members. */
export function objectWith(value: unknown, sought: string, depth: number): unknown {
  if (depth > 8 || typeof value !== 'object' || value === null) return undefined
  for (const child of Object.values(value)) {
    const found = objectWith(child, sought, depth + 1)
    if (found !== undefined) return found
  }
  return isObject(value) && Object.values(value).some((one) => String(one) === sought) ? value : undefined
}
