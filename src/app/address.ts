/** One address the gateway answers on. */
export interface AppAddress {
  readonly url: string
  readonly kind: 'api' | 'admin' | 'redirect'
  /** As written in the configuration. */
  readonly listener: string
}
