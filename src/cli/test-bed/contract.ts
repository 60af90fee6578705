/** A small contract for tests of the command line. */
export const contract = `openapi: 3.1.0
info: { title: Small, version: "1" }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
security: [{ bearerAuth: [] }]
paths:
  /login:
    post:
      operationId: login
      security: []
      responses: { "204": { description: done } }
  /users/{userId}/profile:
    parameters:
      - { name: userId, in: path, required: true, schema: { type: string } }
    get:
      operationId: readProfile
      responses: { "200": { description: it, content: { application/json: { schema: { type: object } } } } }
  /bookings/{bookingId}:
    parameters:
      - { name: bookingId, in: path, required: true, schema: { type: string } }
    get:
      operationId: readBooking
      responses: { "200": { description: it, content: { application/json: { schema: { type: object } } } } }
  /admin/users/{userId}:
    parameters:
      - { name: userId, in: path, required: true, schema: { type: string } }
    delete:
      operationId: removeUser
      tags: [admin]
      responses: { "204": { description: gone } }
`
