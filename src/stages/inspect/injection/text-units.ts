let size = 65_536
let bytes = Buffer.alloc(size * 2)
let units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)

/**
 * The UTF-16 units of a text in an array that the next call overwrites: passes over it take half of the time of passes
 * over the text.
 */
export function unitsOf(text: string): Uint16Array {
  if (text.length > size) {
    size = text.length
    bytes = Buffer.alloc(size * 2)
    units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)
  }
  bytes.write(text, 'utf16le')
  return units
}
