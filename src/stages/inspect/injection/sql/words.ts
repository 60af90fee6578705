/**
 * What kind of token a SQL word is. One letter each, so that a statement is a short string that grammar rules are
 * matched on:
 *   K statement that is a word of prose, meant only after `;`
 *   & logic · ~ comparison by word · U set operator · E select · T other statement · O object of a statement
 *   B order, group, having, limit · A all, distinct, top · M from · W where · C case · w when · t then · N constant
 *   ! not · + operator by word · L file output · D delay · Y system catalogue · V session value · k other keyword
 */
const table: readonly (readonly [string, string])[] = [
  ['&', 'and or xor'],
  ['~', 'like rlike regexp ilike is between in glob match similar sounds notnull isnull'],
  ['U', 'union intersect except minus'],
  ['E', 'select'],
  [
    'T',
    'insert update delete drop create alter truncate exec execute declare merge grant revoke shutdown backup restore load',
  ],
  ['K', 'call handler replace use dbcc copy attach detach pragma rename kill do begin while loop'],
  [
    'O',
    'table database into user view function procedure trigger index schema login role immediate data column proc tablespace login password authorization policy temp temporary',
  ],
  ['B', 'order group having limit offset'],
  ['A', 'all distinct distinctrow top straight_join sql_calc_found_rows'],
  ['M', 'from'],
  ['W', 'where'],
  ['C', 'case'],
  ['w', 'when'],
  ['t', 'then'],
  ['N', 'null true false unknown default'],
  ['!', 'not'],
  ['+', 'div mod collate binary'],
  ['L', 'outfile dumpfile infile'],
  ['D', 'waitfor'],
  [
    'Y',
    'information_schema performance_schema sysobjects syscolumns sysusers sqlite_master sqlite_schema sqlite_temp_master pg_catalog pg_shadow pg_user pg_database pg_tables pg_class pg_roles all_tables all_users all_tab_columns user_tables user_tab_columns dba_users dba_tables user_objects msysaccessobjects msysobjects msysqueries v$version v$instance sysdummy1 syscat sysibm master sysdatabases mysql rdb$database northwind tempdb msdb pg_toast schema_name table_schema domain.tables domain.columns',
  ],
  [
    'V',
    'current_user session_user system_user current_database current_schema current_catalog sysdate systimestamp rownum',
  ],
  [
    'k',
    'by set values end else exists as on join inner outer left right cross natural using asc desc delay time analyse analyze any some escape with recursive if return returning cast convert interval for fetch next only rows prepare deallocate over partition nulls both leading trailing',
  ],
]

/** Functions that only SQL has, and that injections live on. */
const telling =
  'sleep benchmark pg_sleep extractvalue updatexml load_file load_extension group_concat string_agg xmltype dbms_pipe.receive_message dbms_lock.sleep utl_http.request utl_inaddr.get_host_address utl_inaddr.get_host_name ctxsys.drithsx.sn dbms_xmlgen.getxml name_const make_set json_keys json_extract elt substring_index sqlite_version openrowset opendatasource xp_cmdshell fn_xe_file_target_read_file pg_read_file pg_ls_dir lo_import lo_export lo_get query_to_xml database_to_xml table_to_xml dblink_connect dblink_send_query inet_aton inet_ntoa unhex from_base64 to_base64 gtid_subset gtid_subtract row_count last_insert_id procedure_analyse exp char_length character_length bit_length ascii chr nchar unistr hex concat concat_ws substr substring mid ord ifnull nullif isnull nvl coalesce coercibility randomblob zeroblob typeof quote cast convert md5 sha1 sha2 current_setting set_config pg_client_encoding pg_backend_pid version user database schema system_user session_user current_user user_name db_name host_name suser_name object_id object_name col_name has_dbaccess is_srvrolemember charindex patindex stuff to_char to_number regexp_substr regexp_instr regexp_like regexp_replace xmlelement xmlconcat json_arrayagg json_objectagg json_array json_object json_value json_query geometrycollection multipoint polygon multipolygon linestring multilinestring st_latfromgeohash st_longfromgeohash st_pointfromgeohash master_pos_wait get_lock release_lock is_free_lock is_used_lock generate_series array_agg generate_subscripts count sum avg min max rand random round floor abs length len lower upper ltrim rtrim trim lpad rpad left right reverse replace repeat replicate space power sqrt pi now curdate bin oct conv crc32 uuid export_set find_in_set field format strcmp compress uncompress encode decode aes_encrypt aes_decrypt des_encrypt password old_password encrypt if iif char dump decode updatexml sysdate pow insert regexp_substring crypt_key iif cos sin tan cot acos asin atan log ln degrees radians sign ceil ceiling date_add date_sub timestampadd timestampdiff makedate maketime period_add sec_to_time to_days soundex bit_count weight_string convert_tz json_set json_length json_valid connection_id found_rows try_convert try_cast parsename quotename listagg xmlagg bitand rawtohex strpos datalength total_changes sys_context st_x st_y st_aswkt st_astext st_geomfromtext sqlite_source_id inet_server_addr has_table_privilege ts_stat lo_creat pg_logdir_ls pg_terminate_backend openxml openquery greatest least ucase lcase instr locate position choose printf initcap substrb likelihood xmlserialize xmlparse utl_encode sys_guid ora_hash uid userenv bitor to_timestamp to_date date_format str_to_date unix_timestamp from_unixtime adddate addtime abs avg bit_and bit_or bit_xor bitlength bin_to_num char_to_label charset ceil collation compressed_length curtime current_date current_time current_timestamp database_name datediff datefromparts dayofmonth dayofweek dayofyear degrees des_encrypt extract from_days get_format grouping hour ifnull inet6_ntoa instr is_ipv4_compat is_ipv4_mapped is_ipv6 last_day localtime localtimestamp load_data log10 log2 md2 microsecond mod months_between nextval not_ipv4 octet_length period_diff quarter release_all_locks sec_to_time sequence_nextval sha subdate subtime sqrt stddev stddev_pop stddev_samp std str_to_time time timediff time_format time_to_sec to_seconds uncompressed_length utc_date utc_time utc_timestamp values var_pop var_samp variance weekday week weekofyear yearweek json_contains json_contains_path json_depth json_insert json_keys json_merge json_pretty json_quote json_remove json_replace json_search json_type json_unquote nvl2 regexp_count to_clob to_lob to_dsinterval systimestamp sysdatetime getdate getutcdate dateadd datepart datename newid serverproperty suser_sid host_id app_name object_schema_name type_name columnproperty objectproperty isdate isnumeric difference weekofyear dayname schema_name starts_with interval is_ipv4 is_ipv6 inet6_aton uuid_short values format_bytes greatest least ucase lcase instr locate position choose printf initcap likelihood abs extract collation grouping charset localtime quarter mod time timediff week weekday variance std difference sha nextval compressed_length uid to_date to_timestamp date_format unix_timestamp date year month day hour minute second'

/** Of those, the ones that say nothing about their language by themselves. */
const common = new Set(
  'cast convert md5 sha1 version user database schema count sum avg min max rand random round floor abs length len lower upper ltrim rtrim trim left right reverse replace repeat space power sqrt pi now format encode decode password encrypt if char dump concat substring substr hex exp field bin oct trim compress typeof quote polygon mid stuff uuid json_array json_object reverse ascii chr coalesce cos sin tan cot acos asin atan log ln degrees radians sign ceil ceiling date year month day hour minute second'.split(
    ' ',
  ),
)

export const sqlWords: ReadonlyMap<string, string> = new Map(
  table.flatMap(([letter, words]) => words.split(' ').map((word) => [word, letter] as const)),
)

/** Function name → `F` telling, `f` common to many languages. */
export const sqlFunctions: ReadonlyMap<string, string> = new Map(
  telling.split(' ').map((name) => [name, common.has(name) ? 'f' : 'F'] as const),
)
