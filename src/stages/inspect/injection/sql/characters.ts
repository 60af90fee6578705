export const white = 1
export const digit = 2
export const letter = 3

/** What a character begins; 0: punctuation. */
export const kinds: Uint8Array = new Uint8Array(128)
for (let unit = 0; unit <= 32; unit++) kinds[unit] = white
for (const c of '0123456789') kinds[c.charCodeAt(0)] = digit
for (const c of 'abcdefghijklmnopqrstuvwxyz_$') kinds[c.charCodeAt(0)] = letter

/** True for what goes on in a name. */
export function isWordUnit(unit: number): boolean {
  return unit < 128 ? (kinds[unit] as number) >= digit : unit >= 128
}
