/**
 * A name as the inventory keeps it. What may be a value in the place of a name (an id, a mail address, a number, a word of
 * many characters) is `*`: the inventory holds shapes, never values.
 */
export function shapeName(name: string): string {
  if (name.length > 48 || !/^[A-Za-z_$][\w$.-]*$/.test(name)) return '*'
  if (/\d{4}/.test(name) || /^[0-9a-f]{8,}$/i.test(name) || /[0-9a-f]{16}/i.test(name)) return '*'
  // Letters and digits in turn: a token, no word.
  return (name.match(/\d+/g)?.length ?? 0) > 3 ? '*' : name
}

/** The same for each token of a JSON pointer; indexes are `*`. */
export function shapePointer(pointer: string): string {
  if (pointer === '') return ''
  return pointer
    .split('/')
    .slice(1, 12)
    .map((token) => `/${shapeName(token)}`)
    .join('')
}
