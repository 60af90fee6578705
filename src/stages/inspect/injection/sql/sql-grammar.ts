/** A shape of tokens that only an injection has, and how sure it makes us. */
export interface SqlRule {
  readonly shape: RegExp
  readonly confidence: number
}

/** After a quote was closed: the tokens begin with `s`. Operands: `[1svxNVfgFS]`. */
export const afterQuote: readonly SqlRule[] = [
  { shape: /^s\){0,9}[&|]\(*[1svxNVfgFS]=/, confidence: 0.95 },
  { shape: /^s\){0,9}[&|]\(*[1svxNVfgFS]~[(1sNxVfgFS&!]/, confidence: 0.9 },
  { shape: /^s\){0,9}[&|]\(*[1sxNVfgFS](?:$|[c;)s])/, confidence: 0.75 },
  { shape: /^s\){0,9}[&|]\(*v(?:[c;]|$)/, confidence: 0.62 },
  { shape: /^s\){0,9}[&|]\(*(?:[FSEV]|Cw|C.w)/, confidence: 0.92 },
  { shape: /^s\){0,9}[&|](?:c|\(*$)/, confidence: 0.7 },
  { shape: /^s\){0,9};(?:c|T|E|D|X|kT)/, confidence: 0.9 },
  { shape: /^s\){1,9}[ch]/, confidence: 0.9 },
  { shape: /^s[c](?:$)/, confidence: 0.8 },
  { shape: /^s;$/, confidence: 0.55 },
  { shape: /^s\){0,9}\(*UA?\(*[E(]/, confidence: 0.97 },
  { shape: /^s\){0,9}UA?(?:$|c)/, confidence: 0.7 },
  { shape: /^s\){0,9}B(?:k|B)?[1vxsNFS(](?:$|[c,;=~B+s]|k)/, confidence: 0.9 },
  { shape: /^s\){0,9}W[1svxNVfgFS(]/, confidence: 0.75 },
  { shape: /^s=[1sNxFSg(](?:$|[c;&|)=~s+])/, confidence: 0.8 },
  { shape: /^s~[sN](?:$|[c;&|)=])/, confidence: 0.8 },
  { shape: /^s[+*|][s1x](?:$|[c;&)])/, confidence: 0.72 },
  { shape: /^s[+*|,=]\(*(?:F|S|E|C)/, confidence: 0.92 },
  { shape: /^s[+*|]\(*[fgVN](?:$|[c;&)+*|,s])/, confidence: 0.8 },
  { shape: /^s,[1sNvx](?:,[1sNvxFf])*\)?[c;]/, confidence: 0.75 },
  { shape: /^s\){0,9}(?:TO|TM|D|X|TX|Tv?c|T\()/, confidence: 0.8 },
  { shape: /^s\){0,9}[+*=|&~]?\(*(?:UA?E|E[1N*FSV])/, confidence: 0.92 },
]

/** As a number, a name, or a whole statement: from the start of the value. */
export const bare: readonly SqlRule[] = [
  { shape: /^[1vxNs]?\){0,9}[&|]\(*[1sNxVF]=[1svNxVfgFS(]/, confidence: 0.93 },
  { shape: /^[1xNs]\){0,9}[&|]\(*[vgf]=[1svNxVfgFS(]/, confidence: 0.85 },
  { shape: /^v?\){0,9}[&|]\(*[vgf]=[1svNxVfgFS(]/, confidence: 0.72 },
  { shape: /^[1vxN]?\){0,9}[&|]\(*[1sNxVFv]~[1sNxVFS(]/, confidence: 0.8 },
  { shape: /^[1vxN]?\){0,9}[&|]\(*(?:[FSV]|E[1N*FV(]|Cw|C.w)/, confidence: 0.92 },
  { shape: /^[1xN]\){0,9}[&|]\(*[1sxNfg]?[c;]/, confidence: 0.85 },
  { shape: /^[1vxN]?\){1,9}[&|]\(*[1sxNfgv]/, confidence: 0.8 },
  { shape: /^[1vxN]\){1,9}[ch;](?:$|[TEDX])/, confidence: 0.8 },
  { shape: /^[1vxN]?\){0,9}UA?\(*E/, confidence: 0.8 },
  { shape: /^[1xNv]?\){0,9}B(?:k|B)?[1](?:$|[c,;])/, confidence: 0.75 },
  { shape: /^[1xN]\){0,9}B(?:k|B)?[v](?:$|[c,;=]|k)/, confidence: 0.75 },
  { shape: /^[1vxN]?\){0,9};(?:TO|TM|Tv|E[1N*FvS]|D|X|TX|kT|T\()/, confidence: 0.9 },
  { shape: /^[1xN][+*|,]\(*(?:F|S|E|C)/, confidence: 0.9 },
  { shape: /^[+*|,]\(*(?:F|S|E)/, confidence: 0.85 },
  { shape: /^[1xN]?\){0,9}(?:D|X)/, confidence: 0.75 },
  { shape: /^\(*E(?:A1?)?[1N*FVS(](?:$|[,M=+*)c;U|]|k)/, confidence: 0.85 },
  { shape: /^\(*EA?[vfg],[^h]{0,40}M[vY(Sg]/, confidence: 0.85 },
  { shape: /^\(*EA?[fg]M[vYg(S]/, confidence: 0.85 },
  { shape: /^\(*EA?[vs]M[vg](?:$|[Wc;UB.,])/, confidence: 0.7 },
  { shape: /^\(*EA?[^c]{0,40}M(?:Y|S)/, confidence: 0.9 },
  {
    shape:
      /^(?:TO(?:[kO]{0,3})[vsg](?:$|[(;c.WBk]|TO)|TMv(?:$|[Wc;])|Tvk?[v]=|TOv\(|TL|TOL|TX|Tk?[vV]v[;=(])/,
    confidence: 0.72,
  },
  { shape: /^1=1(?:$|[c;&)])/, confidence: 0.6 },
  { shape: /^W[1svxNFS(]{1,3}[=~]/, confidence: 0.75 },
  { shape: /^V(?:$|[c,)])/, confidence: 0.5 },
]

/**
 * Anywhere in a value, quotes as tokens `q`: statements that no other language has. `prose` tells what a text of many
 * words may say without meaning it.
 */
export const islands: readonly (SqlRule & { readonly prose: number })[] = [
  { shape: /U(?:A)?\(*E(?:A)?\(*[1sNVFfq*(@]/, confidence: 0.95, prose: 0.85 },
  { shape: /UA\(*E/, confidence: 0.93, prose: 0.7 },
  { shape: /U\(*Ev(?:[,(Mc;.]|$)/, confidence: 0.85, prose: 0.6 },
  { shape: /\(EA?[1NFVS*f](?:$|[),M=+*c|(.]|k)/, confidence: 0.88, prose: 0.6 },
  { shape: /\(EA?[v1q*f(][^;]{0,24}M[vY(]/, confidence: 0.88, prose: 0.55 },
  {
    shape: /[;]\(*(?:TO[vqkO]|TM[vq]|Tvk?v=|E[1N*FVq]|Ev[,M]|D|X|TX|Tv;|T[(]|TL|TY|T$|kT)/,
    confidence: 0.88,
    prose: 0.6,
  },
  {
    shape: /E(?:A1?)?(?:[*]|[vq1fF(.),+*]{1,40})M(?:Y|[vq]\.?[vq]?(?:W[vq1f(.)]{1,6}[=~]|[Bc;]|,[vq]))/,
    confidence: 0.82,
    prose: 0.6,
  },
  { shape: /[q1)]\)*[&|]\(*q?[1v]q?=q?[1v]/, confidence: 0.85, prose: 0.6 },
  { shape: /[q1)vN][&|]\(*(?:F|\(E|E[1N*F(]|Cw)/, confidence: 0.85, prose: 0.6 },
  { shape: /[+*,|(=]\(*(?:F\()/, confidence: 0.72, prose: 0.5 },
  { shape: /^\(*F\([1sv(FVNqE@+*)]/, confidence: 0.75, prose: 0.5 },
  { shape: /C(?:[v1(q.)]{0,8})w.{1,24}t/, confidence: 0.85, prose: 0.6 },
  { shape: /Lq|L[v+]|OL/, confidence: 0.8, prose: 0.5 },
  { shape: /Dk[q1(vF]/, confidence: 0.92, prose: 0.7 },
  { shape: /(?:^|[;.q1T)])X/, confidence: 0.78, prose: 0.5 },
  { shape: /M\(*Y|Y\.[vO]|,Y|EY/, confidence: 0.82, prose: 0.55 },
  { shape: /q\)*;?\(*(?:TO[vqk]|TM[vq]|D)/, confidence: 0.8, prose: 0.5 },
]
