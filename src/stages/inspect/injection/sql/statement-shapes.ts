/**
 * Statements of SQL by their first word, for what token shapes cannot tell from prose: `create user account` and
 * `create user account identified by …`. MySQL, PostgreSQL, SQL Server, Oracle, SQLite.
 */
const part = String.raw`(?:[a-z_$@#][\w$@#]{0,60}|"[^"]{1,60}"|\`[^\`]{1,60}\`|\[[^\]]{1,60}\])`
const name = String.raw`${part}(?:\.${part}){0,3}`
const end = String.raw` ?(?:$|;|--|#|/\*|\x00)`
/** The same, but not the end of the text: what people write ends there too. */
const cut = String.raw` ?(?:;|--|#|/\*|\x00)`
const literal = String.raw`(?:n?'|"|\d|@|null\b|0x|\$\$)`

/** What follows the first word of a statement. */
export interface Statement {
  readonly shape: RegExp
  /** Needs a separator before it: alone it is also what people write. */
  readonly after: boolean
}

const alone = (...shapes: string[]): Statement => ({
  shape: new RegExp(`^(?:${shapes.join('|')})`),
  after: false,
})
const after = (...shapes: string[]): Statement => ({
  shape: new RegExp(`^(?:${shapes.join('|')})`),
  after: true,
})

const things =
  'table|database|view|procedure|function|trigger|sequence|tablespace|package|extension|aggregate'
const modifiers =
  '(?:(?:or replace|temporary|temp|unique|global|external|materialized|fulltext|clustered|nonclustered|recursive|loadable|if) ){0,2}'
const exists = '(?:if (?:not )?exists )?'
const changes =
  'add |drop |modify |change |rename |set |character |convert |engine|owner |purge|cascade|restrict|disable |enable |alter |with |reset |default |charset|comment |auto_increment|collate'

/** Shapes by the first word of the statement; on text whose blanks and comments are single blanks. */
export const statementShapes: readonly (readonly [string, readonly Statement[]])[] = [
  [
    'create',
    [
      alone(
        `create ${modifiers}(?:${things}) ${exists}${name} ?(?:[(;]|--|as |like |returns |engine|from |on |after |before |begin|language |soname |select |using )`,
        `create ${modifiers}(?:user|login|role) ${exists}(?:${name}|'[^']{1,60}')(?: ?@ ?'[^']{1,60}')? ?(?:;|--|identified |password |superuser|login|createdb|from |with (?:password|login|superuser|default_|check_))`,
        `create ${modifiers}(?:index|statistics|type|domain|cast|operator|rule|policy|schema|server|synonym) ${exists}${name} ?(?:;|--|on ${name} ?[(]|as |for ${name} ?[;(]|authorization )`,
        `create ${modifiers}(?:table|database|procedure|function|trigger) ${name}$`,
      ),
    ],
  ],
  [
    'drop',
    [
      alone(
        `drop (?:${things}|user|login|role|index|column|schema|synonym|type) (?:if exists|concurrently) `,
        `drop (?:${things}) ${name}(?: ?(?:;|--|#|,|cascade|restrict|purge)|$)`,
        `drop (?:user|login|role|index|column|schema|synonym|type|assembly) ${name} ?(?:;|--|#|cascade|restrict|purge|on ${name}${end})`,
      ),
    ],
  ],
  [
    'alter',
    [
      alone(
        `alter (?:${things}|user|login|role|index|schema|session|system|sequence|type|server|column) (?:if exists |only )?(?:${name}|'[^']{1,60}') ?(?:;|--|${changes}|identified )`,
        `alter (?:session|system) (?:set|kill|flush) `,
      ),
    ],
  ],
  [
    'truncate',
    [
      alone(`truncate table ${name}(?:${end}| cascade| restrict| restart)`),
      after(`truncate (?:${name})${cut}`),
    ],
  ],
  [
    'insert',
    [
      alone(
        String.raw`insert (?:low_priority |delayed |high_priority |ignore |overwrite |or \w{5,8} ){0,2}(?:into )?(?:table )?${name} ?(?:\([^()]{0,200}\) ?)?(?:values? ?\(|select (?!the |a |an )|set ${name} ?=|default values|exec |table |with )`,
      ),
    ],
  ],
  [
    'update',
    [
      alone(
        String.raw`update (?:low_priority |ignore |only |top ?\(\d{1,9}\) |or \w{5,8} ){0,2}${name}(?: (?:as )?[a-z]\w{0,10})? set ${name} ?=`,
      ),
    ],
  ],
  [
    'delete',
    [
      alone(
        `delete (?:low_priority |quick |ignore |top ?\\(\\d{1,9}\\) ){0,2}from (?:only )?${name}(?: ?(?:;|--|#)| (?:where|using|returning) ${name} ?(?:[=<>(]|in ?\\(|like |is |not |between )| where (?:\\d|'|not |exists)| limit \\d)`,
      ),
      after(`delete from ${name}${end}`),
    ],
  ],
  ['merge', [alone(`merge into ${name}(?: (?:as )?${name})? using `)]],
  [
    'replace',
    [
      alone(
        `replace (?:low_priority |delayed )?into ${name} ?(?:\\([^()]{0,200}\\) ?)?(?:values? ?\\(|select |set )`,
      ),
    ],
  ],
  [
    'grant',
    [
      alone(
        `grant (?:all(?: privileges)?|select|insert|update|delete|execute|usage|create|connect|dba|references|control|file|super)(?: ?, ?[a-z]{3,10}){0,6} (?:on|to) (?:\\*|${name})`,
        `grant ${name} to (?:public|current_user|${name}${end})`,
      ),
    ],
  ],
  [
    'revoke',
    [
      alone(
        `revoke (?:all(?: privileges)?|select|insert|update|delete|execute|usage)(?: ?, ?[a-z]{3,10}){0,6} on `,
      ),
    ],
  ],
  [
    'declare',
    [
      alone(
        `declare @`,
        `declare ${name} (?:int|integer|varchar2?|nvarchar|char|text|number|cursor|table|date|boolean|raw|clob|record)\\b`,
      ),
    ],
  ],
  [
    'exec',
    [
      alone(
        String.raw`exec(?:ute)? ?\(`,
        `exec(?:ute)? (?:@|immediate |(?:${part}\\.){0,3}(?:xp|sp|dbms|utl|fn)_|master\\.|(?:${part}\\.){1,3}${part})`,
      ),
    ],
  ],
  [
    'execute',
    [
      alone(
        String.raw`execute ?\(`,
        `execute (?:@|immediate |(?:${part}\\.){0,3}(?:xp|sp|dbms|utl|fn)_|master\\.)`,
      ),
      after(`execute ${name}(?: using |${end})`),
    ],
  ],
  ['waitfor', [alone('waitfor (?:delay|time) ', 'waitfor (?:delay|time)$')]],
  ['load', [alone(`load data (?:low_priority |concurrent |local ){0,2}infile `)]],
  [
    'copy',
    [
      alone(
        `copy (?:${name}|\\([^()]{1,200}\\)) ?(?:\\([^()]{0,200}\\) ?)?(?:from|to) (?:program |stdin|stdout|e?')`,
      ),
    ],
  ],
  ['call', [after(`call ${name} ?\\(`)]],
  ['do', [after(`do (?:\\$|sleep ?\\(|language |'|[a-z_]{2,30}\\()`)]],
  [
    'begin',
    [after('begin (?:select|insert|update|delete|exec|dbms_|utl_|declare|waitfor|execute|drop|null;|tran)')],
  ],
  [
    'if',
    [
      after(
        String.raw`if ?\(? ?(?:not |exists|\d|'|\(|ascii|len|substring|system_user|user|is_srvrolemember|@|db_name).{1,120}\b(?:select|waitfor|exec|drop|print|shutdown|begin)\b`,
      ),
    ],
  ],
  [
    'while',
    [
      after(
        String.raw`while ?\(? ?(?:\d|@|'|exists).{1,60}(?:select|waitfor|exec|set|begin|print|declare)\b`,
      ),
    ],
  ],
  ['use', [after(`use ${name}${cut}`)]],
  [
    'set',
    [
      alone(`set @\\w{1,40} ?:?=`),
      after(
        `set (?:global |session |local |names |role |autocommit|sql_mode|@@)`,
        `set ${name} ?(?:=|to) ?${literal}`,
      ),
    ],
  ],
  ['rename', [after(`rename table ${name} to `)]],
  [
    'show',
    [
      after(
        `show (?:full |extended )?(?:tables|databases|schemas|columns|fields|grants|variables|create|index|indexes|keys|processlist|status|master|slave|plugins|engines|triggers|global|session|all|privileges|events|function|procedure)\\b`,
      ),
    ],
  ],
  ['describe', [after(`describe ${name}${cut}`)]],
  ['desc', [after(`desc ${name}${cut}`)]],
  [
    'explain',
    [
      alone(
        String.raw`explain (?:\([^()]{1,60}\) |analyze |verbose |extended |query plan ){0,2}(?:select .{0,80}(?:from|\(|\d)|insert into|update |delete from)`,
      ),
    ],
  ],
  ['handler', [after(`handler ${name} (?:open|read|close)`)]],
  ['lock', [after(`lock tables? ${name} (?:read|write|in )`)]],
  ['unlock', [after('unlock tables')]],
  [
    'prepare',
    [alone(`prepare ${name} from (?:'|"|@|0x)`), after(`prepare ${name}(?: ?\\([^()]{0,100}\\))? as `)],
  ],
  ['deallocate', [after(`deallocate (?:prepare )?${name}${end}`)]],
  ['pragma', [after(`pragma ${name}`)]],
  ['attach', [alone(`attach (?:database )?(?:'[^']{1,200}'|"[^"]{1,200}") as `)]],
  ['detach', [after(`detach (?:database )?${name}${end}`)]],
  ['vacuum', [after(`vacuum(?: full| into '|${end})`)]],
  ['reset', [after(`reset (?:master|slave|query cache|all|role|session)`)]],
  ['flush', [after('flush (?:privileges|tables|logs|hosts|status|query cache)')]],
  ['kill', [after(String.raw`kill (?:connection |query )?\d`)]],
  ['print', [after(`print (?:n?'|@|\\d)`)]],
  ['analyze', [after(`analyze (?:table |local )?${name}${end}`)]],
  ['optimize', [after(`optimize table ${name}`)]],
  ['repair', [after(`repair table ${name}`)]],
  ['comment', [after(`comment on (?:table|column|database|function) ${name} is `)]],
  ['backup', [alone(`backup (?:database|log) ${name} to (?:disk|url|tape)`)]],
  ['restore', [alone(`restore (?:database|filelistonly|headeronly|log) `)]],
  ['dbcc', [after('dbcc [a-z]')]],
  ['reconfigure', [after(`reconfigure(?: with override|${end})`)]],
  ['shutdown', [after(`shutdown(?: with nowait| immediate| abort| transactional|${end})`)]],
  ['commit', [after(`commit(?: tran(?:saction)?| work|${end})`)]],
  ['rollback', [after(`rollback(?: tran(?:saction)?| work| to ${name}|${end})`)]],
  ['savepoint', [after(`savepoint ${name}${end}`)]],
  ['open', [after(`open ${name} ?(?:;|--)`)]],
  [
    'fetch',
    [
      after(
        `fetch (?:next |first |prior |last )?(?:from )?${name} (?:into )?@?${name}`,
        `fetch (?:next |first |last )(?:from )?${name}`,
      ),
    ],
  ],
  ['values', [after(String.raw`values ?\(`)]],
  ['table', [after(`table ${name}${cut}`)]],
  [
    'with',
    [
      alone(
        String.raw`with (?:recursive )?${name} ?(?:\([^()]{0,100}\) ?)?as (?:not |materialized ){0,2}\( ?(?:select|values|delete|insert|update)\b`,
      ),
    ],
  ],
  ['import', [after('import (?:foreign schema|database|tablespace)')]],
  ['bulk', [alone(`bulk insert ${name} from '`)]],
  ['reindex', [after('reindex (?:table|index|database|schema) ')]],
  ['listen', [after(`listen ${name} ?(?:;|--)`)]],
  ['discard', [after('discard (?:all|plans|temp|sequences)')]],
  ['goto', [after(`goto ${name}${end}`)]],
  ['raiserror', [alone(String.raw`raiserror ?\(`)]],
  ['explain', [after(`explain (?:analyze )?select `)]],
]
