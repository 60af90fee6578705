/** Two lines in a row that begin and end with a bar: a table of Markdown. */
export function hasTable(text: string): boolean {
  let rows = 0
  for (let from = 0; from < text.length; ) {
    const next = text.indexOf('\n', from)
    const end = next < 0 ? text.length : next
    let last = end - 1
    while (last > from && text.charCodeAt(last) <= 32) last--
    rows = last > from && text.charCodeAt(from) === 124 && text.charCodeAt(last) === 124 ? rows + 1 : 0
    if (rows === 2) return true
    from = end + 1
  }
  return false
}
