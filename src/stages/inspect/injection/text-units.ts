let size = 65_536
let bytes = Buffer.alloc(size * 2)
let units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)
let last = ''

/** Below it a loop is quicker than a call into the runtime. */
const short = 128

/**
 * The UTF-16 units of a text, in an array that the next other text overwrites: a pass over it takes half of the time
 * of a pass over the text. Two zeros follow the last unit.
 */
export function unitsOf(text: string): Uint16Array {
  if (text === last) return units
  const { length } = text
  if (length + 2 > size) {
    size = length + 2
    bytes = Buffer.alloc(size * 2)
    units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)
  }
  if (length < short) for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i)
  else bytes.write(text, 'utf16le')
  units[length] = 0
  units[length + 1] = 0
  last = text
  return units
}
