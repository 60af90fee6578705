import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileInjection } from './engine.ts'

const engine = compileInjection({ threshold: 'balanced' })

/** Short texts of people that look like statements, commands or conditions, and are none. */
const honest = `
Thanks; call me later
ok; call mum
yes; do it
5; begin at noon
Room 12; call reception
Order 7; use the side door
Done; update the list
Room 5; update list
Thanks; show me the room
speed limit 50
please order by 5
Limit 3 per customer
Update user profile
Delete user account
Create index page
Create user account
Create login page for admins
insert coin into slot
delete from list
grant all wishes
select a seat from the list
Select top 10 of the best
Having 12 people or more.
case when it rains then stay
case closed
true or false
null and void
1 and 2
1 or 2
it's 5 or 6
6'2" tall
size 5' long
O'Neil & Sons
Peter's; then Jim's
say 'yes'; then go
"Deluxe" and "Standard"
'a' or 'b'
rock 'n' roll
count (1)
left (2) right (3)
version 2 (final)
price > 100 and size < 5
wait -- what
it's ok -- really
Tom | Dick | Harry
salt & sleep well
Perl & Ruby Smith
さくら Union
Jean-Luc Union
明 Union
Rest & sleep well
find out; more later
I cleaned it; done
new-style; out-of-date; add-on
get-together; start-up
if you can; then call
git & svn
less is more; head north
Great!!
see a <b>bold</b> word
<none>
10/10
1/2 or 3/4
+49 170 1234567
A+AB-negative
anna.o-brien+trips@mail.example
https://example.com/search?q=a&sort=name
version 10.0.1/arm64
192.168.0.1/24
`
  .split('\n')
  .filter((line) => line !== '')

for (const place of ['json-string', 'query', 'form'] as const)
  it(`short texts of people are no attacks (${place})`, (t) => {
    const alarms = honest.flatMap((text) => {
      const found = engine.scanText(text, { pointer: '/x', place }, { left: 1_000_000 })
      assert.ok(found !== undefined)
      return found.map((finding) => `${text}: ${finding.detector} ${finding.confidence}`)
    })
    t.diagnostic(`${honest.length} texts`)
    assert.deepEqual(alarms, [])
  })
