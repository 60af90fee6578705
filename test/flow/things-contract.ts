/** A small contract with one operation of each kind that the flow tests need. */
export const thingsContract: string = `openapi: 3.1.0
info: { title: Things, version: '1' }
security: [{ bearer: [things:read] }]
paths:
  /things/{thingId}:
    parameters:
      - { name: thingId, in: path, required: true, schema: { type: string, maxLength: 40 } }
    get:
      operationId: readThing
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: tag, in: query, schema: { type: array, items: { type: string }, maxItems: 3 } }
      responses:
        '200':
          description: one
          content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
        '404': { description: none }
    put:
      operationId: writeThing
      security: [{ bearer: [things:write] }]
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/NewThing' } } }
      responses:
        '200':
          description: one
          content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
    delete:
      operationId: removeThing
      tags: [admin]
      security: [{ bearer: [things:write] }]
      responses: { '204': { description: gone } }
  /users/{userId}/profile:
    get:
      operationId: readProfile
      parameters: [{ name: userId, in: path, required: true, schema: { type: string } }]
      responses:
        '200':
          description: one
          content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
  /public:
    get:
      operationId: readPublic
      security: []
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /upload:
    post:
      operationId: upload
      security: [{ bearer: [things:write] }]
      requestBody: { required: true, content: { application/octet-stream: {} } }
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /form:
    post:
      operationId: sendForm
      security: []
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, required: [age], properties: { age: { type: integer }, name: { type: string } } }
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /text:
    get:
      operationId: readText
      security: []
      responses: { '200': { description: ok, content: { text/plain: { schema: { type: string } } } } }
  /limited:
    get:
      operationId: limited
      security: []
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
components:
  securitySchemes:
    bearer: { type: http, scheme: bearer }
  schemas:
    Thing:
      type: object
      required: [id]
      properties: { id: { type: string }, name: { type: string }, big: { type: integer } }
    NewThing:
      type: object
      required: [name]
      properties: { name: { type: string, maxLength: 20 }, size: { type: integer } }
`
