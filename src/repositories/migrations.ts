import type { Migration } from 'kysely/migration'

/**
 * Every migration of every component, `NNNN-component-what`. One that was released is never changed. Each component
 * keeps its own in a file beside its repository and is spread in here.
 */
export const migrations: Readonly<Record<string, Migration>> = {}
