import type { InjectionClass } from './finding.ts'

/** A class of findings that does not count at one place, or at every place below it. */
export interface InjectionException {
  /** JSON pointer as findings have it: `/body/comment`, `/query/q`; array indexes and undeclared names are `*`. */
  readonly pointer: string
  readonly class: InjectionClass
}

/** Compiles exceptions into the question whether a finding is one. */
export function compileExceptions(
  exceptions: readonly InjectionException[],
): ((pointer: string, kind: InjectionClass) => boolean) | undefined {
  if (exceptions.length === 0) return undefined
  return (pointer, kind) =>
    exceptions.some(
      (one) => one.class === kind && (pointer === one.pointer || pointer.startsWith(`${one.pointer}/`)),
    )
}
