import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseForm } from '../media/form.ts'
import { BadForm, readFormText } from './pages/http/read-form.ts'

/** Longest path and query that the browser is sent on to: what the gateway's listener takes by default. */
const longest = 7_900

/**
 * Answers parameters that a browser posts (OpenID Connect Core section 3.1.2.1) with a 303 to the same endpoint by GET. A
 * post from another site comes without our `SameSite=Lax` cookies, and must: the GET that follows has them. Nothing is
 * read, kept or set here, so that a forged post is worth no more than a link. Throws `BadForm`.
 *
 * @param path path of the endpoint, with the issuer's: `/auth/authorize`
 */
export async function answerPostedRequest(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (request.url?.includes('?') === true) throw new BadForm(400, 'parameters belong into the body')
  const pairs = parseForm(await readFormText(request))
  if (pairs === undefined) throw new BadForm(400, 'malformed form')
  const query = new URLSearchParams(pairs.map(({ name, value }) => [name, value]))
  const location = `${path}?${query}`
  if (location.length > longest) throw new BadForm(413, 'too long: push the parameters (RFC 9126)')
  response.writeHead(303, {
    Location: location,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Length': '0',
  })
  response.end()
}
