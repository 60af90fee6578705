const control = /[\u0000-\u001f\u007f-\u009f]/

/** A name that can be compared, logged and used in keys: not empty, bounded, no control character. */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 1024 &&
    value.isWellFormed() &&
    !control.test(value)
  )
}
