/** Cookies of several sources in one header. */
export function joinCookies(headers: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const cookies = headers.filter(([name]) => name === 'cookie').map(([, value]) => value)
  if (cookies.length < 2) return [...headers]
  return [...headers.filter(([name]) => name !== 'cookie'), ['cookie', cookies.join('; ')]]
}
