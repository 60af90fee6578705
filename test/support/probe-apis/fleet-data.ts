import { randomUUID } from 'node:crypto'

export interface Rider {
  id: number
  email: string
  name: string
  role: string
  credit: number
  bike: string
}

export interface FleetData {
  readonly people: Rider[]
  readonly orders: {
    id: number
    user_id: number
    product_id: number
    quantity: number
    status: string
    address: string
  }[]
  readonly reports: { id: number; owner_id: number; bike: string; problem: string; status: string }[]
  readonly videos: { id: number; user_id: number; video_name: string; conversion_params: string }[]
  readonly posts: { id: string; title: string; content: string; author: Rider }[]
}

const riders = (): Rider[] =>
  ['pia', 'quinn', 'ruth'].map((name, i) => ({
    id: 11 + i,
    email: `${name}@fleet.example`,
    name,
    role: name === 'ruth' ? 'mechanic' : 'rider',
    credit: 100,
    bike: randomUUID(),
  }))

/** What there is at the start. */
export function fleetData(): FleetData {
  const people = riders()
  const orders = people.map(({ id }, i) => ({
    id: 41 + i,
    user_id: id,
    product_id: 1,
    quantity: 1,
    status: 'delivered',
    address: `${id} Mill Lane`,
  }))
  const reports = people.map(({ id, bike }, i) => ({
    id: 71 + i,
    owner_id: id,
    bike,
    problem: `brakes of ${id} squeal`,
    status: 'pending',
  }))
  const videos = people.map(({ id }, i) => ({
    id: 81 + i,
    user_id: id,
    video_name: `ride${id}.mp4`,
    conversion_params: '-v codec h264',
  }))
  const posts = people.map((one) => ({
    id: randomUUID(),
    title: `Hello of ${one.name}`,
    content: 'nice hills',
    author: one,
  }))
  return { people, orders, reports, videos, posts }
}
