import type { Evidence } from '../probe-finding.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A step as a command that sends it again; credentials are variables of the environment. */
export function asCurl(target: string, { method, path, headers, body }: Evidence): string {
  const origin = new URL(target).origin
  // Double quotes where a variable stands, so that the shell puts it in.
  const word = (text: string): string =>
    /\$\{[A-Z0-9_]+\}/.test(text)
      ? `"${text.replaceAll(/(["\\`])/g, '\\$1').replaceAll(/\$(?!\{[A-Z0-9_]+\})/g, '\\$')}"`
      : quoted(text)
  return [
    'curl --path-as-is -sS',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...headers
      .filter(([name]) => name !== 'accept')
      .map(([name, value]) => `-H ${word(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${word(body)}`]),
    word(`${origin}${path}`),
  ].join(' ')
}
