import type { IncomingMessage, ServerResponse } from 'node:http'

/** Files of the console. */
export interface StaticFiles {
  /** Answers where the path is a file's, or that of a page of the console; false where it is neither. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean
}
