/** True for a reply that holds what was asked for. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}
