/** The part of a pino logger that record uses. */
export interface Log {
  warn(about: object, message: string): void
  error(about: object, message: string): void
}
