/** How sure the derivation is: the contract says it, its names say it, or only a resemblance does. */
export type Confidence = 'certain' | 'likely' | 'guess'

/** Why a value is taken for an id of an object type. */
export interface IdMark {
  /** `booking`: singular, camelCase. */
  readonly type: string
  readonly confidence: Confidence
  readonly reason: string
  /** True where it is the id of the very object that has it, not of another of its kind: `id`, not `parentId`. */
  readonly own?: boolean
}

/** A request parameter that holds ids. */
export interface ParameterId extends IdMark {
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  /** Header names are lower-case. */
  readonly name: string
  /** What separates several ids in one value; undefined where each has a value of its own. */
  readonly separator: string | undefined
}

/**
 * Where a JSON value holds ids. A graph: schemas that contain themselves come back to themselves, so it is walked along
 * a value, never on its own.
 */
export interface IdShape {
  /** This scalar is an id. */
  readonly id: IdMark | undefined
  /** This text is a URL, which may have ids in its path. */
  readonly link: boolean
  /** Its name says that the API leads there: `self`, `href`, `next`. What only its format says may be anybody's text. */
  readonly leads: boolean
  readonly members: ReadonlyMap<string, IdShape>
  readonly items: IdShape | undefined
  /** Members that no name is declared for. */
  readonly rest: IdShape | undefined
  /** This object's member that names its owner: `userId` of a booking. */
  readonly owner: string | undefined
}

/** Ids in a part of a call that is not read for them: a media type, or a parameter that holds JSON. */
export interface UnreadIds {
  /** `multipart/form-data body`, `query.filter`, `application/xml reply 200`. */
  readonly place: string
  /** The media type's range as declared; undefined for a parameter. */
  readonly range: string | undefined
  readonly types: ReadonlySet<string>
}

/** Ids of one operation. */
export interface OperationIds {
  readonly slot: number
  readonly parameters: readonly ParameterId[]
  /** Fields of the query that are members of an object: `filter[bookingId]`. */
  readonly members: readonly ParameterId[]
  readonly body: IdShape | undefined
  /** The object that a JSON Patch (RFC 6902) of this operation changes: what the GET of the same path replies. */
  readonly patched: IdShape | undefined
  /** Ids that only a reader of other media types could find, in requests and in replies. */
  readonly unread: readonly UnreadIds[]
  readonly unsealable: readonly UnreadIds[]
  /** Reply of a status, where it has a JSON schema with ids. */
  reply(status: number): IdShape | undefined
  /** Reply headers with an id, by lower-case name. `Location`, `Content-Location` and `Link` are URLs always. */
  readonly replyFields: ReadonlyMap<string, IdMark>
  /** Type of the object that a 2xx reply means has been made. */
  readonly creates: string | undefined
  /** The parameter whose object a 2xx reply means is gone. */
  readonly removes: ParameterId | undefined
}

/** One place of ids, for people. */
export interface IdPlace extends IdMark {
  readonly slot: number
  /** `path.bookingId`, `body/productId`, `reply 200/data/N/id`. */
  readonly place: string
}

/** A place that looks like an id and whose type only its author can tell. */
export interface UnsureId {
  readonly slot: number
  readonly place: string
  /** The line to add under `objects:`. */
  readonly line: string
  readonly reason: string
}

/** The object types of a contract and where their ids occur. */
export interface ObjectIds {
  /** Types with the number of operations that name one in the request. */
  readonly types: ReadonlyMap<string, number>
  /** By slot. */
  readonly operations: ReadonlyMap<number, OperationIds>
  readonly unsure: readonly UnsureId[]
  places(slot: number): readonly IdPlace[]
}

/** Where its author says that ids of a type are, besides what names tell: `path.ref`, `query.booking`, `Booking.ref`. */
export interface WrittenPlace {
  readonly type: string
  readonly place: string
}
