/**
 * HTTP fields in wire order. Names are lower-case and the values exactly as they were read. A flat list
 * instead of an object: an untrusted name never becomes a property key, and repeated fields stay apart.
 */
export class Fields {
  /** name, value, name, value … */
  readonly flat: readonly string[]

  constructor(flat: readonly string[]) {
    this.flat = flat
  }

  /** The first value of a field, by lower-case name. */
  get(name: string): string | undefined {
    const flat = this.flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]
    return undefined
  }

  /** All values of a field, in order. */
  all(name: string): string[] {
    const flat = this.flat
    const values: string[] = []
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) values.push(flat[i + 1] as string)
    return values
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }
}

export const noFields: Fields = new Fields([])
