/**
 * The part of a changelog that is about a version, or what is unreleased where there is none of it.
 * @throws Error where neither is there.
 */
export function releaseNotes(changelog: string, version: string): string {
  const parts = changelog.split(/^## /m).slice(1)
  const titled = (title: string): string | undefined =>
    parts.find((part) => part.startsWith(title) && /^[^\d.]/.test(part.slice(title.length) || '\n'))
  const part = titled(version) ?? titled('Unreleased')
  if (part === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return `${part.slice(part.indexOf('\n') + 1).trim()}\n`
}
