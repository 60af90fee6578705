import { styleText } from 'node:util'

export type Paint = 'red' | 'yellow' | 'green' | 'cyan' | 'bold' | 'dim'

/** A text in a colour, where colour is wanted; whether it is, the caller decides. */
export function paint(text: string, style: Paint, colour: boolean): string {
  return colour && text !== '' ? styleText(style, text, { validateStream: false }) : text
}
