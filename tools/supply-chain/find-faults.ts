import { type Exception, mostProductionPackages, permissive } from './exceptions.ts'
import { isProduction, type LockedPackage } from './read-lock.ts'

/** Names that are only there where the machine is another one: nothing of them is installed or shipped here. */
const isPlaceholder = ({ optional, os }: LockedPackage): boolean => optional === true && os !== undefined

/**
 * What is wrong with the packages of a lock, a sentence each: licences that are not permissive, code that runs on
 * installation, sources beside the registry, entries without a digest, more production packages than agreed, exceptions
 * that nothing needs.
 */
export function findFaults(
  packages: readonly LockedPackage[],
  exceptions: readonly Exception[],
): readonly string[] {
  const faults: string[] = []
  const used = new Set<Exception>()
  const unlessExcepted = (one: LockedPackage, what: Exception['what'], fault: string): void => {
    const exception = exceptions.find(({ name, what: kind }) => name === one.name && kind === what)
    if (exception === undefined) faults.push(`${one.path}: ${fault}`)
    else used.add(exception)
  }
  for (const one of packages) {
    if (one.link === true) continue
    if (one.resolved !== undefined && !/^https:\/\/registry\.npmjs\.org\//.test(one.resolved))
      faults.push(
        `${one.path}: comes from ${URL.parse(one.resolved)?.protocol ?? 'somewhere'}, not from the registry`,
      )
    if (one.hasInstallScript === true) unlessExcepted(one, 'install-script', 'runs a script on installation')
    if (one.integrity === undefined) {
      if (!isPlaceholder(one)) unlessExcepted(one, 'no-integrity', 'has no digest')
      continue
    }
    if (!isPermissive(one.license ?? ''))
      unlessExcepted(one, 'licence', `licence ${one.license ?? 'not stated'}`)
  }
  const production = countProduction(packages)
  if (production > mostProductionPackages)
    faults.push(`${production} production packages; agreed are ${mostProductionPackages}`)
  for (const exception of exceptions)
    if (!used.has(exception)) faults.push(`exception ${exception.name} (${exception.what}) is needed no more`)
  return faults
}

/** Packages that `npm install --omit=dev --omit=optional` brings. */
export function countProduction(packages: readonly LockedPackage[]): number {
  return packages.filter(isProduction).length
}

/** Of `A OR B` one is enough; of `A AND B` both are needed. */
function isPermissive(licence: string): boolean {
  return licence
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => permissive.has(name.trim())))
}
