type Random = (below: number) => number

const first =
  "Anna,José,Siobhán,Zoë,Þór,Łukasz,Nguyễn,Jean-Luc,Mary Ann,D'Arcy,Øyvind,Søren,Ioannis,Олена,明,さくら,محمد,Ruairí,Ana-María,Seán,Null,Drew,Andor,Oriana,Exequiel,Dexter,Cat,Bash,Perl".split(
    ',',
  )
const last =
  "O'Brien,D'Angelo,Müller-Lüdenscheidt,van der Berg,de la Cruz,O’Neill,Smith & Sons,Sánchez,Dos Santos,Žižek,McDonald,Or,And,Select,Union,Grant,Drop,Table,Case,King Jr.,Lee (Mrs),von Trapp,Al-Sayed,N'Diaye,Ng,Null,True".split(
    ',',
  )
const sentences = [
  'Please select the best seats from the list, if you can.',
  "We'd like two beds & a cot; it's our daughter's first trip!",
  'Drop the kids at school, then update me or call my wife.',
  'Where is the table for 1 or 2? We like it near the window...',
  'The flight was 3/5, the food 10/10 - and the crew "wonderful".',
  "I don't mind; my wife's allergic to nuts (all of them).",
  'Union Station to Grand Central: is it possible in under 1h?',
  'Order by phone = no good. Group rates? Having 12 people or more.',
  'Price < 500 € and > 200 €, i.e. between $220 and $550 (incl. 10% tax).',
  "Meet at 5 o’clock – “Café de l’Europe”, 12 Rue d'Alésia, 75014 Paris.",
  'Insert the key, exit left; go 50% up the hill & wait.',
  'Delete my old booking and create a new one from 3 to 5 May, please.',
  "Rock 'n' roll all night, 24/7!!! :-) <3",
  "C'est l'été à l'Île-d'Orléans; l'hôtel n'est pas cher.",
  'Wir möchten 2x Frühstück (vegetarisch), ca. 8:30 Uhr; danke!',
  'Where 1=1 metre of legroom, I am happy.',
  'Alert (again): the gate changed from B12 to C3.',
  'ID: 4711/2026 #2, ref. [A-17], tel. +47 22 33 44 55.',
  'See https://travel.example/help?topic=seats&lang=en#top for more.',
  "My mail is anna.o'brien+trips@mail.example; write any time.",
  'This or that, and/or both: I cannot decide *yet*.',
  'The "Ritz" or the "Savoy"? #travel @hotel',
  'It\'s 5\' 11" tall, the box: 12"x10"x4".',
  'If the bus is late then wait; else walk. Sleep well!',
  'script for the tour: see page 4; style: casual',
  '日本語の案内はありますか？朝食は7時からです。',
  'Ελπίζω να είναι ήσυχα· ευχαριστώ πολύ!',
  'Можно поздний выезд? Спасибо!',
  'ممكن غرفة هادئة؟ شكرا',
  '我们需要两张床，谢谢。',
  'Great value 👍🏽, would book again 🏖️!!',
  'Execute the plan: taxi -> airport -> home. Cheers, A.',
  'Terms & conditions: 1) no refunds; 2) no pets; 3) none.',
  'File it under "Misc / other"; cc: me.',
  'Find me at the bar; kill time until 8, or look around.',
  'Is it true that null results mean "not available"?',
  'Half board (HB) = breakfast + dinner; FB = all meals',
  'Temperature: -5..+3 °C; bring a coat!',
  'Concat the two trips into one? Count me in.',
  'A.M. or P.M.? 1 or 2 nights; 3 and 4 are taken.',
]

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T

export const honestName = (random: Random): string =>
  `${pick(random, first)} ${pick(random, last)}${random(9) === 0 ? `-${pick(random, ['Smith', 'Lund', 'Or', 'Ng'])}` : ''}`

/** Some sentences that people write about travelling, full of what attacks are made of. */
export function honestText(random: Random, most: number): string {
  let text = pick(random, sentences)
  while (random(3) > 0) {
    const next = random(6) === 0 ? `${honestName(random)}, ${random(900)}` : pick(random, sentences)
    const joined = `${text}${pick(random, [' ', ' ', '\n', '\n\n', ' - '])}${next}`
    if (joined.length > most) break
    text = joined
  }
  return text.slice(0, most)
}

const signs = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** As a password manager makes them. */
export function honestPassword(random: Random): string {
  let text = ''
  for (let left = 10 + random(14); left > 0; left--) text += signs.charAt(random(signs.length))
  return text
}
