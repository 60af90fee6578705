/**
 * Reduces a short token string: dotted names to one name, calls and bracketed operands to one operand (`x`), subselects
 * to `S`, signs and `not` away. `g` is a call of an unknown function. Bounded: the text is short and each round shortens.
 */
export function foldSql(tokens: string): string {
  let folded = tokens
  for (let round = 0; round < 6; round++) {
    const before = folded
    folded = folded
      .replace(/([^TO]|^)O/g, '$1v')
      .replace(/[vsT]\.[vYkOTBN*1fF]/g, 'v')
      .replace(/v\.g/g, 'g')
      .replace(/~{2,4}/g, '~')
      .replace(/V\(\)/g, 'V')
      .replace(/!/g, '')
      .replace(/</g, '=')
      .replace(/s1?s+/g, 's')
      .replace(/\+?([&|])\+?/g, '$1')
      .replace(/([=~&|(,*+EA]|^)\++(?=[1svxNVfFgS(])/g, '$1')
      .replace(/F\([^()]*(?:\)|$)/g, 'F')
      .replace(/f\([^()]*(?:\)|$)/g, 'f')
      .replace(/[vO]\([^()]*\)/g, 'g')
      .replace(/\(E[^()]*\)/g, 'S')
      .replace(/(?<![FfvOg])\(([1svxNVfgSF])\)/g, '$1')
      .replace(/(?<![FfvOg])\([1svxNVfg,+*]{1,20}\)/g, 'x')
      .replace(/([&|=~(,]|^)1[+*]1/g, '$11')
      .replace(/([&|=~(,]|^)[1vxNVgf][+*][1vxNVgfs]/g, '$1x')
      .replace(/([&|=~(,])s[+*][1vs]/g, '$1x')
      .replace(/([&|=~(,]|^)[1vxNVgf][+*][FS]/g, '$1F')
    if (folded === before) break
  }
  return folded
}
