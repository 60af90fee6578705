/** A contract whose operations take API keys, tokens, either or both. */
export const keysContract = `openapi: 3.1.0
info: { title: Keys, version: "1" }
components:
  securitySchemes:
    bearer: { type: http, scheme: bearer }
    key: { type: apiKey, in: header, name: X-Api-Key }
    otherHeader: { type: apiKey, in: header, name: X-Other }
    inQuery: { type: apiKey, in: query, name: api_key }
    inCookie: { type: apiKey, in: cookie, name: api_key }
paths:
  /keyed:
    get: { operationId: keyed, security: [{ key: [things:read] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /either:
    get: { operationId: either, security: [{ bearer: [things:read] }, { key: [things:read] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /both:
    get: { operationId: both, security: [{ bearer: [], key: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /token:
    get: { operationId: token, security: [{ bearer: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /other-header:
    get: { operationId: otherHeader, security: [{ otherHeader: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /in-query:
    get: { operationId: inQuery, security: [{ inQuery: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /in-cookie:
    get: { operationId: inCookie, security: [{ inCookie: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
  /users/{userId}:
    get:
      operationId: readUser
      security: [{ key: [] }]
      parameters: [{ name: userId, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
`
