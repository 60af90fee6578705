import type { Cut, Sanitised } from './sanitised.ts'

const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
/** Terminal sequences (ECMA-48): CSI, and OSC up to its end; then any control character that is left. */
const sequences =
  /\u001b\[[0-?]{0,64}[ -/]{0,16}[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/** Tokens by which chat templates of models tell who speaks; no API has a reason to send one. */
const templateTokens =
  /<[|\uff5c][A-Za-z_\u2581]{2,32}[|\uff5c]>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:start|end)_of_turn>(?:user|model|system)?/g

export function stripControls(sanitised: Sanitised): void {
  if (!controls.test(sanitised.text)) return
  const cuts: Cut[] = []
  for (const { 0: found, index } of sanitised.text.matchAll(sequences))
    cuts.push({ from: index, to: index + found.length, put: '' })
  sanitised.count('control', cuts.length)
  sanitised.edit(cuts)
}

export function stripTemplateTokens(sanitised: Sanitised): void {
  const { text } = sanitised
  if (!text.includes('<') && !text.includes('[')) return
  const cuts: Cut[] = []
  for (const { 0: found, index } of text.matchAll(templateTokens))
    cuts.push({ from: index, to: index + found.length, put: ' ' })
  const first = cuts[0]
  if (first === undefined) return
  sanitised.template ??= sanitised.spanOf(first.from, first.to)
  sanitised.count('chat-template', cuts.length)
  sanitised.edit(cuts)
}
