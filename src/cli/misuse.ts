/** The command line itself is wrong: exit code 2, one line, and where to read more. */
export class Misuse extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Misuse'
  }
}
