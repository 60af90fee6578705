/** Which objects are sought in a reply. */
export interface SoughtObjects {
  /** Component schema of the objects; undefined: every topmost object with one of `paths`. */
  readonly schema: string | undefined
  /** Members that tell the owner, as paths below the object. */
  readonly paths: readonly (readonly string[])[]
}

/** What becomes of one object that was found. */
export interface ObjectFilter {
  /** True where the object, with exact numbers, may leave. `listed`: it is, or is in, an element of a list. */
  keep(object: object, listed: boolean): boolean
  /** True: an element of a list that may not leave is taken out. False: it refuses the reply. */
  readonly filters: boolean
  /** Elements taken out. */
  removed: number
}

/** Where the sought objects stand in the replies of one schema. */
export interface ObjectPlaces {
  /** True where the reply itself is such an object. */
  readonly root: boolean
  /** True where one may stand outside every list. */
  readonly single: boolean
  /**
   * Shows every such object to the filter and takes elements of lists out, in `value` and likewise in `exact`, which
   * has the same structure. False: the reply may not leave, because an object outside a list may not, or because the
   * value is not built as the contract says, so that nobody knows where its objects stand.
   */
  filter(value: unknown, exact: unknown, by: ObjectFilter): boolean
}
