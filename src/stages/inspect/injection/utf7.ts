const run = /[A-Za-z0-9+/]{3,200}/y

/**
 * The ASCII that a shifted sequence of UTF-7 (RFC 2152) stands for, and where the text goes on; undefined where the plus
 * sign at `at` begins none, or one of other characters. The minus sign that ends it may be missing.
 */
export function decodeUtf7(text: string, at: number): [string, number] | undefined {
  run.lastIndex = at + 1
  const shifted = run.exec(text)?.[0]
  if (shifted === undefined) return undefined
  const bytes = Buffer.from(shifted, 'base64')
  const units = Math.floor(bytes.length / 2)
  if (units === 0) return undefined
  let plain = ''
  for (let i = 0; i < units; i++) {
    const unit = bytes.readUInt16BE(i * 2)
    if (unit > 126 || (unit < 32 && unit !== 9 && unit !== 10 && unit !== 13)) return undefined
    plain += String.fromCharCode(unit)
  }
  const end = at + 1 + shifted.length
  return [plain, text.charCodeAt(end) === 45 ? end + 1 : end]
}
