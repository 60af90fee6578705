const folders = ['bin', 'sbin', 'usr', 'etc', 'var', 'tmp', 'opt', 'dev', 'proc', 'root', 'home']

/** A path with wildcards whose first folder can only be one of the system's. */
export function isGlobPath(word: string): boolean {
  const parts = /^\/{1,4}([a-z?*[\]]{1,12})\/{1,4}([a-z0-9?*[\]./-]{2,60})/.exec(word)
  const [first, second] = [parts?.[1] ?? '', parts?.[2] ?? '']
  if (!/[?*[]/.test(first + second)) return false
  if (!/[a-z?*]/.test(first)) return false
  const length = first.replace(/\[[a-z]{1,5}\]/g, '?').length
  return folders.some((folder) => {
    if (first.includes('*')) return folder.startsWith(first.slice(0, first.indexOf('*')))
    if (folder.length !== length) return false
    const plain = first.replace(/\[[a-z]{1,5}\]/g, '?')
    for (let i = 0; i < length; i++) if (plain[i] !== '?' && plain[i] !== folder[i]) return false
    return true
  })
}
