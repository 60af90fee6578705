import type { Config } from '../config.ts'
import type { Reading } from '../reading.ts'
import { isLoopback } from '../values/parse-address.ts'
import { checkWorkers } from '../workers.ts'
import { checkApis } from './consistent-apis.ts'
import { checkIssuers } from './consistent-issuers.ts'

/**
 * What the schema cannot say: combinations that are insecure or contradict each other. Each complaint says what to
 * write; `loadConfig` throws them together.
 */
export function assertConsistent(config: Config, reading: Reading): void {
  checkListeners(config, reading)
  checkTrust(config, reading)
  checkTimeouts(config, reading)
  checkIssuers(config, reading)
  checkApis(config, reading)
  checkWorkers(config, reading)
}

function checkListeners(config: Config, reading: Reading): void {
  const seen = new Set<string>()
  for (const { kind, host, port, plaintext, pointer } of config.listen) {
    const address = `${pointer}/address`
    if (kind === 'plain' && !plaintext && !isLoopback(host))
      reading.error(
        address,
        'config.plaintext',
        'plain HTTP on an address that other machines reach: tokens would cross the network readable',
        'write `tls: { certificate: FILE, key: FILE }`, or `tls: development`, or take the risk with `plaintext: allow`',
      )
    if (plaintext && kind === 'tls')
      reading.error(
        pointer,
        'config.listener',
        'a listener is either TLS or plain HTTP',
        'remove `plaintext`',
      )
    if (kind === 'redirect' && !config.listen.some((listener) => listener.kind === 'tls'))
      reading.error(
        `${pointer}/redirect`,
        'config.redirect',
        'there is no https listener to redirect to',
        'add a listener with `tls`',
      )
    if (port !== 0 && seen.has(`${host}:${port}`))
      reading.error(
        address,
        'config.address-twice',
        'two listeners have the same address',
        'give each its own port',
      )
    seen.add(`${host}:${port}`)
  }
  const admin = config.admin
  if (admin === undefined) return
  if (!isLoopback(admin.host) && admin.token === undefined && admin.people === undefined)
    reading.error(
      `${admin.pointer}/address`,
      'config.admin-address',
      'the admin address must be on loopback, or ask for a token: who reaches it sees every call',
      `write \`address: 127.0.0.1:${admin.port}\`, or add \`token: "\${NAME}"\``,
    )
  else if (!isLoopback(admin.host) && admin.loopback !== 'none' && admin.people !== undefined)
    reading.error(
      `${admin.pointer}/loopback`,
      'config.admin-loopback',
      'a role for this machine belongs to an address that only this machine reaches',
      'write `loopback: none`',
    )
  const { people } = admin
  if (people !== undefined && !config.issuers.some(({ name }) => name === people.issuer))
    reading.error(
      `${admin.pointer}/issuer`,
      'config.admin-issuer',
      'the configuration has no issuer of this name',
      `write one of ${config.issuers.map(({ name }) => name).join(', ')}`,
    )
  if (admin.token !== undefined && admin.token.bytes < 32)
    reading.error(
      `${admin.pointer}/token`,
      'config.secret-short',
      'the admin token is shorter than 32 bytes: it could be guessed',
      'make one with `openssl rand -base64 32`',
    )
  if (
    admin.port !== 0 &&
    config.listen.some(
      ({ port, host }) => port === admin.port && (host === admin.host || host === '0.0.0.0' || host === '::'),
    )
  )
    reading.error(
      `${admin.pointer}/address`,
      'config.address-twice',
      'the admin address is also a listener',
      'give it a port of its own',
    )
}

function checkTrust(config: Config, reading: Reading): void {
  for (const [index, block] of config.trustedProxies.entries())
    if (block.endsWith('/0'))
      reading.error(
        `/trustedProxies/${index}`,
        'config.trust-all',
        'this block is everybody: any caller could claim any address',
        'write the blocks of your own proxies, such as `10.0.0.0/8`',
      )
}

function checkTimeouts(config: Config, reading: Reading): void {
  for (const [name, value] of Object.entries(config.timeouts))
    if (value === 0 && name !== 'drain')
      reading.error(
        `/timeouts/${name}`,
        'config.timeout',
        `\`${name}\` must not be zero`,
        'write for example `30s`',
      )
}
