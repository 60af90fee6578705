/** A text without anything a terminal would act upon: controls, escape sequences, direction overrides. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    '\uFFFD',
  )
}
