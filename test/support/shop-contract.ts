/** Orders with owners at several depths, for suites about what a reply proves. */
export const shopContract: string = `openapi: 3.1.0
info: { title: Shop, version: '1' }
security: [{ bearer: [] }]
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        '200': { description: all, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Order' } } } } }
    post:
      operationId: createOrder
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/OrderInput' } } } }
      responses: { '201': { description: new, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } } }
  /orders/{orderId}:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: readOrder
      responses:
        '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
        '404': { description: none }
    put:
      operationId: writeOrder
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/OrderInput' } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } } }
    delete: { operationId: removeOrder, responses: { '204': { description: gone } } }
  /orders/{orderId}/cancel:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    post: { operationId: cancelOrder, responses: { '204': { description: done } } }
  /orders/{orderId}/notes:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: listNotes
      responses:
        '200': { description: notes, content: { application/json: { schema: { type: array, items: { type: object, properties: { text: { type: string }, author: { type: string } } } } } } }
  /search:
    get:
      operationId: search
      responses:
        '200':
          description: a page
          content:
            application/json:
              schema:
                type: object
                properties:
                  total: { type: integer }
                  items: { type: array, items: { $ref: '#/components/schemas/Order' } }
                  groups: { type: array, items: { type: array, items: { $ref: '#/components/schemas/Order' } } }
                  best: { anyOf: [{ $ref: '#/components/schemas/Order' }, { type: 'null' }] }
                  feed: { type: array, items: { oneOf: [{ $ref: '#/components/schemas/Order' }, { $ref: '#/components/schemas/Advert' }] } }
  /batch:
    post:
      operationId: batch
      requestBody: { content: { application/json: { schema: { type: object, properties: { orders: { type: array, items: { type: string } } } } } } }
      responses: { '204': { description: done } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    Order:
      type: object
      required: [id, owner]
      properties:
        id: { type: string }
        owner: { type: object, required: [id], properties: { id: { type: [string, integer] } } }
        text: { type: string }
        secret: { type: string }
        big: { type: number }
        lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
    Line:
      type: object
      properties: { name: { type: string }, cost: { type: number } }
    OrderInput:
      type: object
      properties:
        text: { type: string }
        state: { type: string }
        big: { type: number }
        lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
    Advert:
      type: object
      required: [advert]
      properties: { advert: { type: string } }
`
