/** One kind of call that is measured. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly method: string
  readonly path: string
  readonly body: string | undefined
  /** What the backend answers, and so what must come out of every subject. */
  readonly reply: { readonly status: number; readonly body: string }
}

const profile = JSON.stringify({
  userId: '123',
  username: 'alice',
  displayName: 'Alice Archer',
  email: 'alice@travel.example',
  phone: '+15550100123',
  homeAirport: 'LIS',
  newsletter: true,
  role: 'traveller',
  memberSince: '2021-05-17',
  bio: 'Slow trains, long lunches, early mornings, and a window seat on the left side whenever there is one free.',
})

const trip = {
  from: 'LIS',
  to: 'OSL',
  date: '2026-12-01',
  cabin: 'economy',
  travellers: [
    { name: 'Alice Archer', birthDate: '1990-02-11', seat: '14C' },
    { name: 'Ben Archer', birthDate: '1991-07-30', seat: '14D' },
  ],
  note: 'Vegetarian meal for both; we change planes in Copenhagen and need at least an hour for that, please.',
}

/** A read and a small write of the travel contract, about 300 bytes of JSON each. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'get',
    title: 'GET profile, 300-byte JSON reply',
    method: 'GET',
    path: '/api/v1/users/123/profile',
    body: undefined,
    reply: { status: 200, body: profile },
  },
  {
    name: 'post',
    title: 'POST booking, 300-byte JSON body and reply',
    method: 'POST',
    path: '/bookings',
    body: JSON.stringify(trip),
    reply: {
      status: 201,
      body: JSON.stringify({ bookingId: 'bk_a1c3e5g7i9k1', userId: '123', ...trip, status: 'held' }),
    },
  },
]

/** Every request names this host, so that no subject has to judge a bare address. */
export const host = 'api.travel.example'
