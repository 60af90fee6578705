import type { Operation } from '../../src/kernel/operation.ts'
import { type Authorize, createAuthorize } from '../../src/stages/authorize/create-authorize.ts'
import type { ApiPolicy, SchemePolicy } from '../../src/stages/authorize/options.ts'

export const policyPlace = { file: 'sallyport.yaml', line: 3, column: 7 }

const bearer: SchemePolicy = { issuers: new Set(['travel']), certificate: false, names: 'scopes' }

/** Authorize over one API whose bearer scheme means the issuer `travel`. */
export function authorizeWith(
  operations: readonly Operation[],
  policy: Partial<Omit<ApiPolicy, 'operations'>> = {},
): Authorize {
  return createAuthorize({
    apis: [
      {
        name: 'travel',
        operations,
        schemes: new Map([['bearerAuth', bearer]]),
        open: new Set(),
        modes: { scope: 'enforce', function: 'enforce', object: 'enforce', property: 'enforce' },
        functions: [],
        objects: [],
        properties: [],
        ...policy,
      },
    ],
  })
}
