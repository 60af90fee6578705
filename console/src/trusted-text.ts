/**
 * The page's policy demands trusted types: whatever is about to be read as markup comes past here first. Style sheets
 * of the component library have no angle bracket; anything that could become an element is refused, wherever it came
 * from. Scripts made from text are never wanted.
 */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown
}

const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes }
trustedTypes?.createPolicy('default', { createHTML: (text) => (/[<&]/.test(text) ? null : text) })
