/** A risk of the OWASP API Security Top 10, edition of 2023. */
export interface RiskEntry {
  readonly title: string
  readonly link: string
}

const base = 'https://owasp.org/API-Security/editions/2023/en/'

export type Risk = 'API1' | 'API2' | 'API3' | 'API4' | 'API5' | 'API6' | 'API7' | 'API8' | 'API9' | 'API10'

/** Risk → its name and its page. */
export const risks: Readonly<Record<Risk, RiskEntry>> = {
  API1: {
    title: 'Broken object level authorization',
    link: `${base}0xa1-broken-object-level-authorization/`,
  },
  API2: { title: 'Broken authentication', link: `${base}0xa2-broken-authentication/` },
  API3: {
    title: 'Broken object property level authorization',
    link: `${base}0xa3-broken-object-property-level-authorization/`,
  },
  API4: {
    title: 'Unrestricted resource consumption',
    link: `${base}0xa4-unrestricted-resource-consumption/`,
  },
  API5: {
    title: 'Broken function level authorization',
    link: `${base}0xa5-broken-function-level-authorization/`,
  },
  API6: {
    title: 'Unrestricted access to sensitive business flows',
    link: `${base}0xa6-unrestricted-access-to-sensitive-business-flows/`,
  },
  API7: { title: 'Server side request forgery', link: `${base}0xa7-server-side-request-forgery/` },
  API8: { title: 'Security misconfiguration', link: `${base}0xa8-security-misconfiguration/` },
  API9: { title: 'Improper inventory management', link: `${base}0xa9-improper-inventory-management/` },
  API10: { title: 'Unsafe consumption of APIs', link: `${base}0xaa-unsafe-consumption-of-apis/` },
}

export const riskNames: readonly Risk[] = Object.keys(risks) as Risk[]
