/** `a  b` → `['a', 'b']`: scopes and roles, as people write them. */
export function wordsIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}
