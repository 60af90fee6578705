import { commonPasswordText } from './common-passwords.generated.ts'

/** Some 22,000 passwords that everybody tries first, in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(commonPasswordText.split(' '))
