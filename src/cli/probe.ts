import type { Command } from './command.ts'

export const probeCommand: Command = {
  name: 'probe',
  summary: 'test a running API: objects, functions, properties, tokens, limits, injection',
  help: `
Usage: sallyport probe --config FILE --target URL --identity a=TOKEN --identity b=TOKEN [options]

Tests a running API against its contract with two or more identities: objects and functions of others, mass assignment,
token forgery, missing limits, injection, SSRF, CORS, forgotten versions. Every finding is confirmed by a control request
and comes with requests to send again and the line of sallyport.yaml that stops it. Test only what you may test.
Only GET, HEAD, OPTIONS and TRACE are sent unless --write is given; nothing is ever sent anywhere but to the target.
Exit code: 0 clean, 1 findings at --fail-on, 2 it could not be tested to its end.

      --config FILE        sallyport.yaml that names the contract and the issuers (default sallyport.yaml)
      --api NAME           which of its APIs, where it has several
      --contract FILE      an OpenAPI document, without a configuration
      --target URL         where the API runs; never taken from the configuration
      --identity NAME=VALUE  a token or key, or key:…, basic:user:password, cookie:name=value, header:Name: value,
                           query:name=value, login:user:password; \${VARIABLE} and \${file:PATH} are put in
      --identities FILE    the same as YAML or JSON, with login, client credentials, ids, roles
      --admin NAME         this identity is staff: it is never the attacker
      --write              also send what writes: makes objects of its own, changes and deletes them, cleans up
      --only RULES         only these rules or groups, with commas: bola,auth.alg-none
      --skip RULES         not these
      --format F           text (default), json, sarif, junit or markdown
      --out FILE           write the report there
      --fail-on S          error (default), warning, note or none
      --verify ID          look for this one finding again; with --report its own requests are sent again first
      --report FILE        the JSON report that the finding of --verify is in
      --requests N         budget of requests (default 5000)
      --seconds N          budget of time (default 600)
      --rate N             requests a second (default 50)
      --seed N             the same seed makes the same values (default: another each time)
      --journal FILE       what --write made and has not taken away yet (default .sallyport-probe.journal)
      --clean FILE         take away what a journal says is left, and do nothing else
      --canary ADDRESS     where to listen for SSRF (default 127.0.0.1); none: do not
      --ca FILE            authority of the target's certificate, PEM
      --allow-production   also where the contract calls this target production
`,
  options: {
    config: { type: 'string', default: 'sallyport.yaml' },
    api: { type: 'string' },
    contract: { type: 'string' },
    target: { type: 'string' },
    identity: { type: 'string', multiple: true },
    identities: { type: 'string' },
    admin: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    skip: { type: 'string' },
    format: { type: 'string', default: 'text' },
    out: { type: 'string' },
    'fail-on': { type: 'string', default: 'error' },
    verify: { type: 'string' },
    report: { type: 'string' },
    requests: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '600' },
    rate: { type: 'string', default: '50' },
    seed: { type: 'string' },
    journal: { type: 'string', default: '.sallyport-probe.journal' },
    clean: { type: 'string' },
    canary: { type: 'string', default: '127.0.0.1' },
    ca: { type: 'string' },
    'allow-production': { type: 'boolean', default: false },
  },
  async run(call) {
    const { probeOnce } = await import('./probe-once.ts')
    return probeOnce(call)
  },
}
