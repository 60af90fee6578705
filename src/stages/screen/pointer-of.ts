/** A JSON pointer as it may be shown: what could itself be a text is `*`. */
export function pointerOf(path: readonly (string | number)[]): string {
  let pointer = ''
  for (const token of path) pointer += `/${shownToken(token)}`
  return pointer
}

/** The same for all elements of a list. */
export function placeOf(path: readonly (string | number)[]): string {
  let pointer = ''
  for (const token of path) pointer += typeof token === 'number' ? '/*' : `/${shownToken(token)}`
  return pointer
}

function shownToken(token: string | number): string {
  if (typeof token === 'number') return String(token)
  return /^[\w$.-]{1,32}$/.test(token) ? token : '*'
}
