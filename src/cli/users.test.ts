import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseArgs } from 'node:util'
import { createSqliteEventStore } from '../stores/sqlite/event-store.ts'
import type { Terminal } from './terminal.ts'
import { type Ran, run } from './test-bed/binary.ts'
import { usersCommand } from './users.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-users-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text)
put('api.yaml', '{}')
put(
  'sallyport.yaml',
  `listen: [{ address: 127.0.0.1:0 }]
authority: { issuer: http://127.0.0.1:8080/auth }
apis: { a: { contract: api.yaml, upstream: http://127.0.0.1:1 } }
`,
)
put(
  'none.yaml',
  `listen: [{ address: 127.0.0.1:0 }]
apis: { a: { contract: api.yaml, upstream: http://127.0.0.1:1 } }
`,
)

/** The command in this process: starting the binary for each would take long. */
async function users(...args: string[]): Promise<Ran> {
  const ran = { code: 0, out: '', err: '' }
  const options = {
    ...usersCommand.options,
    config: { type: 'string', default: join(folder, 'sallyport.yaml') },
  } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const terminal: Terminal = {
    colourOut: false,
    colourErr: false,
    interactive: false,
    out: (text) => {
      ran.out += text
    },
    err: (text) => {
      ran.err += text
    },
  }
  try {
    ran.code = await usersCommand.run({ values, positionals, terminal })
  } catch (error) {
    ran.code = 2
    ran.err += error instanceof Error ? error.message : ''
  }
  return ran
}

async function json(...args: string[]): Promise<unknown> {
  const { code, out, err } = await users(...args, '--json')
  assert.equal(code, 0, err)
  return JSON.parse(out)
}

test('create, list, show, roles, disable, enable, unlock, sessions, reset, delete: as text and as JSON', async () => {
  const setup = await users('setup')
  assert.match(setup.out, /^http:\/\/127\.0\.0\.1:8080\/auth\/account\/set-up\?token=[\w-]{43}\n$/)
  const made = await users('create', 'Alice@mail.example', '--role', 'admin', '--name', 'Alice\u001b[31m')
  assert.equal(made.code, 0, made.err)
  assert.match(made.out, /^http:\/\/127\.0\.0\.1:8080\/auth\/account\/reset\?token=[\w-]{43}\n$/)
  assert.match(made.err, /Alice@mail\.example \(usr_/)
  const token = /token=(.*)\n/.exec(made.out)?.[1] ?? ''

  assert.equal((await users('setup')).code, 2, 'there is an account now')
  assert.equal((await users('create', 'alice@mail.example')).code, 2)
  assert.equal((await users('create', 'no address')).code, 2)
  assert.equal((await users('create', 'carol@mail.example', '--subject', '../etc')).code, 2)
  const carol = (await json('create', 'carol@mail.example', '--subject', '789')) as { sub: string }
  assert.equal(carol.sub, '789')
  assert.equal((await users('create', 'carla@mail.example', '--subject', '789')).code, 2)
  assert.deepEqual(await json('delete', '789'), { sub: '789', deleted: true })
  const list = (await json('list')) as { sub: string; roles: string[]; status: string }[]
  assert.deepEqual(
    list.map((one) => [one.roles, one.status]),
    [[['admin'], 'active']],
  )
  const sub = list[0]?.sub ?? ''
  assert.match((await users('list')).out, /Alice@mail\.example +usr_/)
  assert.doesNotMatch((await users('show', sub)).out, /\u001b/)

  assert.match((await users('roles', sub, '--role', 'reader')).out, /has new roles/)
  assert.deepEqual(((await json('roles', 'alice@mail.example')) as { roles: string[] }).roles, [])
  assert.equal(((await json('disable', sub)) as { status: string }).status, 'disabled')
  assert.equal((await users('reset', sub)).code, 2)
  assert.equal(((await json('enable', sub)) as { status: string }).status, 'active')
  assert.equal((await users('unlock', sub)).code, 0)
  assert.equal((await users('sessions', sub)).code, 0)
  assert.match(((await json('reset', sub, '--factors')) as { link: string }).link, /reset\?token=/)
  assert.deepEqual(await json('delete', sub), { sub, deleted: true })
  assert.equal((await users('show', sub)).code, 2)

  // Each is on record, with who did it, and without the link.
  const events = await createSqliteEventStore(join(folder, 'sallyport.db'))
  const page = await events.query({ api: 'authority' }, 100)
  await events.close()
  const operations = new Set(page.events.map((event) => event.operation))
  for (const kind of [
    'created',
    'link-made',
    'roles-changed',
    'disabled',
    'enabled',
    'unlocked',
    'factors-removed',
    'removed',
  ])
    assert.ok(operations.has(`account.${kind}`), kind)
  for (const event of page.events) assert.match(event.reason ?? '', /by (cli:|start)/)
  assert.equal(page.events.find((event) => event.operation === 'account.disabled')?.sub, sub)
  assert.ok(!readFileSync(join(folder, 'sallyport.db')).includes(token))
  assert.ok(!JSON.stringify(page).includes('alice@mail.example'))
  assert.equal(statSync(join(folder, 'sallyport.db')).mode & 0o077, 0)
})

test('misuse says what to write', async () => {
  assert.match((await users()).err, /write one of create, list/)
  assert.match((await users('show')).err, /e-mail address or a subject/)
  assert.match((await users('show', 'nobody@mail.example')).err, /no such account/)
  assert.match((await users('create')).err, /write an EMAIL/)
  assert.match((await users('disable', 'a', 'b')).err, /one user at a time/)
  assert.match((await users('list', '--config', join(folder, 'none.yaml'))).err, /no authorization server/)
})

test('the binary knows the command', () => {
  const { code, out } = run(folder, ['users', '--help'])
  assert.equal(code, 0)
  assert.match(out, /takes authenticator, passkeys and recovery codes off/)
  const list = run(folder, ['users', 'list', '--json'])
  assert.deepEqual([list.code, list.out], [0, '[]\n'])
})
