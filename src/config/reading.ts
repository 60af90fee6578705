import { resolve } from 'node:path'
import type { TSchema } from 'typebox'
import type { Finding } from '../kernel/finding.ts'
import { parseDuration } from './values/parse-duration.ts'
import { parseSize } from './values/parse-size.ts'
import type { YamlDocument } from './yaml/yaml-document.ts'

/** One part of the file: its schema, and how a value that is valid by it (defaults filled) is read. */
export interface Section<T> {
  readonly schema: TSchema
  read(raw: unknown, pointer: string, reading: Reading): T
}

export interface NamedFile {
  readonly pointer: string
  /** Nobody but the gateway should be able to read it. */
  readonly secret: boolean
}

/** What sections share while one file is read: where they complain, and which files they name. */
export class Reading {
  readonly files: Map<string, NamedFile> = new Map()
  readonly findings: Finding[] = []
  readonly document: YamlDocument
  readonly #folder: string
  readonly #substituted: ReadonlySet<string>

  constructor(document: YamlDocument, folder: string, substituted: ReadonlySet<string>) {
    this.document = document
    this.#folder = folder
    this.#substituted = substituted
  }

  /** Absolute name of a file the configuration depends on; `pointer` is where it is named. */
  file(name: string, pointer: string, secret = false): string {
    const absolute = this.path(name)
    this.files.set(absolute, { pointer, secret: secret || this.files.get(absolute)?.secret === true })
    return absolute
  }

  /** Absolute name of a file that it does not depend on. */
  path(name: string): string {
    return resolve(this.#folder, name)
  }

  error(pointer: string, rule: string, message: string, fix?: string): void {
    this.#add('error', pointer, rule, message, fix)
  }

  warn(pointer: string, rule: string, message: string, fix?: string): void {
    this.#add('warning', pointer, rule, message, fix)
  }

  /** A value for a message: what came from the environment or a file is never shown. */
  show(pointer: string, value: string): string {
    if (this.isSubstituted(pointer)) return 'the substituted value'
    return `\`${value.length > 80 ? `${value.slice(0, 80)}…` : value}\``
  }

  isSubstituted(pointer: string): boolean {
    return this.#substituted.has(pointer)
  }

  note(pointer: string, rule: string, message: string, fix?: string): void {
    this.#add('note', pointer, rule, message, fix)
  }

  #add(
    severity: 'error' | 'warning' | 'note',
    pointer: string,
    rule: string,
    message: string,
    fix?: string,
  ): void {
    const finding = { rule, severity, message, place: this.document.place(pointer) }
    this.findings.push(fix === undefined ? finding : { ...finding, fix })
  }
}

/** Milliseconds of a text that the schema's format `duration` accepted. */
export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0
}

/** Bytes of a value that the schema's format `size` accepted. */
export function bytes(value: string | number): number {
  return typeof value === 'number' ? value : (parseSize(value) ?? 0)
}
