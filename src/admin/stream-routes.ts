import { eventQuery, filterOf } from './event-filter.ts'
import type { RouteModule } from './route.ts'
import type { Stream } from './stream.ts'

/** `GET stream` */
export function createStreamRoutes(stream: Stream): RouteModule {
  return {
    routes: [
      {
        path: '/api/v1/stream',
        operationId: 'stream',
        summary:
          'Server-sent events: `event`, `finding`, `overview` (every 5 s), `lost` (how many were not sent); `Last-Event-ID` goes on',
        query: eventQuery.filter(({ name }) => name !== 'since' && name !== 'until' && name !== 'id'),
        reply: 'text/event-stream',
        also: { 503: 'Too many readers' },
        answer(question) {
          if (stream.full) return { refused: 'ADMIN_BUSY', headers: { 'Retry-After': '5' } }
          const reader = {
            filter: filterOf(question.query),
            after: question.header('last-event-id'),
            stillIn: question.stillIn,
          }
          return {
            mediaType: 'text/event-stream; charset=utf-8',
            stream: (response) => stream.open(response, reader),
          }
        },
      },
    ],
  }
}
