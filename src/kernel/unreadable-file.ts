/** Why a file could not be read, as the end of a sentence, and what to do about it. Takes what the file system threw. */
export function whyUnreadable(error: unknown): { readonly reason: string; readonly fix: string } {
  const code = (error as NodeJS.ErrnoException | null)?.code
  switch (code) {
    case 'ENOENT':
      return { reason: 'does not exist', fix: 'check the path' }
    case 'EACCES':
    case 'EPERM':
      return {
        reason: `may not be read by this user (${code})`,
        fix: 'let the user that runs sallyport read it, and enter the folders above it',
      }
    case 'EISDIR':
      return { reason: 'is a folder', fix: 'name a file in it' }
    case 'ENOTDIR':
      return { reason: 'is below something that is no folder (ENOTDIR)', fix: 'check the path' }
    default:
      return { reason: `cannot be read (${code ?? 'unknown error'})`, fix: 'check the path' }
  }
}
