import { exec } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  createWindow,
  type SmallApi,
  type SmallCall,
  type SmallReply,
  startSmallApi,
} from './small-server.ts'

const run = promisify(exec)

export interface Clinic extends SmallApi {
  /** API keys: two practices and the operator. */
  readonly keys: { readonly north: string; readonly south: string; readonly admin: string }
}

interface Patient {
  id: string
  practice: string
  fullName: string
  birthDate: string
  diagnosis: string
  remarks: string
  verified: boolean
}

interface Visit {
  id: string
  patientId: string
  startsAt: string
  reason: string
}

/**
 * A clinic: UUIDs, camelCase, API keys in a header, calls that read by POST, and `200 { success: false }` for everything that fails.
 */
export async function startClinic(weak: boolean): Promise<Clinic> {
  const keys = { north: 'key-north-5f2c81', south: 'key-south-9a7d03', admin: 'key-admin-77e1aa' }
  const practices = new Map(Object.entries(keys).map(([name, key]) => [key, name]))
  const id = (n: number): string => `5b0c9a1e-0000-4000-8000-${String(n).padStart(12, '0')}`
  const patients: Patient[] = [
    {
      id: id(11),
      practice: 'north',
      fullName: 'Nora Nilsson',
      birthDate: '1980-03-01',
      diagnosis: 'hay fever',
      remarks: 'calls on Mondays',
      verified: true,
    },
    {
      id: id(22),
      practice: 'south',
      fullName: 'Sven Sander',
      birthDate: '1975-08-09',
      diagnosis: 'broken toe',
      remarks: 'afraid of needles',
      verified: true,
    },
  ]
  const visits: Visit[] = [
    {
      id: id(111),
      patientId: id(11),
      startsAt: '2030-01-01T09:00:00Z',
      reason: 'the usual spring complaint',
    },
    { id: id(222), patientId: id(22), startsAt: '2030-01-02T10:00:00Z', reason: 'fell over a garden gnome' },
  ]
  let next = 500
  const yes = (result: unknown): SmallReply => ({ json: { success: true, result } })
  const no = (error: string): SmallReply => ({ json: { success: false, error } })
  const whose = ({ request }: SmallCall): string | undefined =>
    practices.get(String(request.headers['x-clinic-key'] ?? ''))
  const keyed =
    (handler: (call: SmallCall, practice: string) => SmallReply | Promise<SmallReply>) =>
    (call: SmallCall): SmallReply | Promise<SmallReply> => {
      const practice = whose(call)
      return practice === undefined ? no('unauthorized') : handler(call, practice)
    }
  const visible = (practice: string): Patient[] => patients.filter((one) => one.practice === practice)
  const patientOf = (wanted: unknown, practice: string, checked: boolean): Patient | undefined =>
    patients.find((one) => one.id === wanted && (!checked || one.practice === practice))
  const calls = createWindow(100)
  const api = await startSmallApi({
    verbose: weak,
    headers: (): Record<string, string> => (weak ? { server: 'ClinicServer/2.3.1' } : {}),
    before: (call) =>
      weak || calls(String(call.request.headers['x-clinic-key'] ?? ''))
        ? undefined
        : { status: 429, text: 'slow down', headers: { 'retry-after': '1' } },
    routes: {
      'GET /patients': keyed((call, practice) => {
        if (call.query.has('name[$zq]') && weak) return no('unknown operator')
        const size = Number(call.query.get('pageSize') ?? 20)
        const term = call.query.get('name[$ne]') !== null && weak ? '' : (call.query.get('name') ?? '')
        const list = visible(practice).filter(({ fullName }) => fullName.includes(term))
        const padding = weak
          ? Array.from({ length: Math.min(Math.max(size - 100, 0), 400) }, (_, n) => ({
              ...(list[0] ?? {}),
              id: id(9000 + n),
            }))
          : []
        return yes([
          ...list.slice(0, weak ? size : Math.min(size, 50)),
          ...(list.length === 0 ? [] : padding),
        ])
      }),
      'POST /patients': keyed(({ body }, practice) => {
        if (typeof body.fullName !== 'string') return no('fullName is missing')
        const made: Patient = {
          id: id(next++),
          practice,
          fullName: body.fullName,
          birthDate: String(body.birthDate ?? '1970-01-01'),
          diagnosis: '',
          remarks: String(body.remarks ?? ''),
          verified: weak && body.verified === true,
        }
        patients.push(made)
        return yes(made)
      }),
      'GET /patients/{patientId}': keyed(({ params }, practice) => {
        const found = patientOf(params['patientId'], practice, !weak)
        return found === undefined ? no('not found') : yes(found)
      }),
      'PUT /patients/{patientId}': keyed(({ params, body }, practice) => {
        const found = patientOf(params['patientId'], practice, !weak)
        if (found === undefined) return no('not found')
        found.remarks = String(body.remarks ?? found.remarks)
        found.fullName = String(body.fullName ?? found.fullName)
        return yes(found)
      }),
      'DELETE /patients/{patientId}': keyed(({ params }, practice) => {
        const found = patientOf(params['patientId'], practice, !weak)
        if (found === undefined) return no('not found')
        patients.splice(patients.indexOf(found), 1)
        return yes(true)
      }),
      // Only the patient in the path is looked at, not whether the visit is theirs.
      'GET /patients/{patientId}/visits': keyed(({ params }, practice) => {
        const found = patientOf(params['patientId'], practice, true)
        return found === undefined
          ? no('not found')
          : yes(visits.filter(({ patientId }) => patientId === found.id))
      }),
      'GET /patients/{patientId}/visits/{visitId}': keyed(({ params }, practice) => {
        const found = patientOf(params['patientId'], practice, true)
        const visit = visits.find(
          (one) => one.id === params['visitId'] && (weak || one.patientId === found?.id),
        )
        return found === undefined || visit === undefined ? no('not found') : yes(visit)
      }),
      'POST /rpc/getPatient': keyed(({ body }, practice) => {
        const found = patientOf(body.patientId, practice, !weak)
        return found === undefined ? no('not found') : yes(found)
      }),
      'POST /rpc/getPatients': keyed(({ body }, practice) => {
        const wanted = Array.isArray(body.patientIds) ? body.patientIds : []
        return yes(patients.filter((one) => wanted.includes(one.id) && (weak || one.practice === practice)))
      }),
      'GET /leaflets': keyed(({ query }) => {
        const file = query.get('file') ?? ''
        if (!weak && !/^[a-z]+\.txt$/.test(file)) return no('not found')
        try {
          return {
            text: readFileSync(file.startsWith('/') ? file : `/usr/share/leaflets/${file}`, 'utf8').slice(
              0,
              2000,
            ),
          }
        } catch {
          return no('not found')
        }
      }),
      'GET /printers/ping': keyed(async ({ query }) => {
        const host = query.get('printer') ?? ''
        if (!weak) return /^[a-z0-9-]{1,20}$/.test(host) ? yes(`${host} is up`) : no('not found')
        const made = await run(`echo pinging ${host}`, { timeout: 2000 }).catch(() => ({ stdout: '' }))
        return yes(made.stdout)
      }),
      'GET /statistics': (call) =>
        weak || whose(call) !== undefined
          ? yes({ patientsTotal: 4711, visitsToday: 1234, revenueCents: 987654 })
          : no('unauthorized'),
      'GET /internal/audit-log': keyed((_, practice) =>
        practice === 'admin' || weak
          ? yes([{ at: '2029-12-31T23:59:00Z', who: 'north', what: 'printed a label' }])
          : no('forbidden'),
      ),
      ...(weak && {
        'TRACE /patients': ({ request }: SmallCall): SmallReply => ({
          text: JSON.stringify(request.headers),
        }),
        'GET /rpc/getPatients': keyed(() => yes(patients)),
        'GET /.env': (): SmallReply => ({ text: 'CLINIC_DB=postgres://clinic:clinic@db/clinic\n' }),
      }),
    },
  })
  return { ...api, keys }
}

/** What is planted: rule and operation. */
export const clinicWeaknesses: readonly (readonly [rule: string, operation: string])[] = [
  ['auth.missing', 'GET /statistics'],
  ['banner', ''],
  ['bfla.read', 'GET /internal/audit-log'],
  ['bola.delete', 'DELETE /patients/{patientId}'],
  ['bola.read', 'GET /patients/{patientId}'],
  ['bola.read', 'GET /patients/{patientId}/visits/{visitId}'],
  ['bola.act', 'POST /rpc/getPatient'],
  ['bola.read', 'POST /rpc/getPatients'],
  ['bola.write', 'PUT /patients/{patientId}'],
  ['injection.command', 'GET /printers/ping'],
  ['injection.nosql', 'GET /patients'],
  ['injection.path', 'GET /leaflets'],
  ['error.verbose', ''],
  ['inventory.path', ''],
  ['limit.page', 'GET /patients'],
  ['limit.rate', ''],
  ['method.trace', ''],
  ['method.undeclared', 'POST /rpc/getPatients'],
  ['property.assignment', 'POST /patients'],
]
