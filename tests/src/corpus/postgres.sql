-- Everything in a PostgreSQL database that is not its own, nor an extension's: an object, and one of
-- its properties, as the server writes it.
WITH space AS (
    SELECT oid, quote_ident(nspname) AS name, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'
), extended AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
    SELECT c.*, format('%s.%I', s.name, c.relname) AS path FROM pg_class c JOIN space s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), routine AS (
    SELECT p.*, format('routine %s.%I(%s)', s.name, p.proname, pg_get_function_identity_arguments(p.oid)) AS path
    FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
), kind AS (
    SELECT t.*, format('type %s.%I', s.name, t.typname) AS path FROM pg_type t JOIN space s ON s.oid = t.typnamespace
    WHERE NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_type'::regclass AND objid = t.oid)
        AND (t.typtype IN ('e', 'd', 'r', 'm') OR t.typtype = 'c'
            AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
), nothing AS (
    -- `NULL` is what there is without a default.
    SELECT '^\(*NULL(::[a-z" ]+(\([0-9,]+\))?(\[\])?\)*)+$' AS "default"
)
SELECT 'schema ' || name AS object, format('owner %s privileges %s', pg_get_userbyid(nspowner), nspacl) AS property
FROM space
UNION ALL
SELECT 'extension ' || e.extname, format('version %s in %s', e.extversion, e.extnamespace::regnamespace)
FROM pg_extension e
UNION ALL
SELECT 'relation ' || path, format('is %s %s, with %s, row security %s %s, replica identity %s, privileges %s, owner %s, of %s %s',
    relkind, relpersistence, reloptions, relrowsecurity, relforcerowsecurity, relreplident, relacl,
    pg_get_userbyid(relowner), CASE WHEN reloftype <> 0 THEN reloftype::regtype END,
    CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END)
FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
UNION ALL
SELECT 'relation ' || r.path, format('column %I %s collate %s not null %s identity %s generated %s storage %s compression %s statistics %s options %s privileges %s of parents %s: %s',
    a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation END,
    a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attcompression, a.attstattarget, a.attoptions,
    a.attacl, a.attinhcount,
    -- It takes the place of a domain's own.
    CASE WHEN y.typtype = 'd' OR pg_get_expr(d.adbin, d.adrelid) !~ (SELECT "default" FROM nothing)
        THEN pg_get_expr(d.adbin, d.adrelid) END)
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'relation ' || r.path, format('constraint %I %s %s', c.conname, pg_get_constraintdef(c.oid), c.conislocal)
FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid WHERE c.contype <> 't'
UNION ALL
SELECT 'relation ' || r.path, format('%s valid %s clustered %s identity %s constraint %s', pg_get_indexdef(i.indexrelid),
    i.indisvalid, i.indisclustered, i.indisreplident,
    (SELECT c.conname FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')))
FROM pg_index i JOIN relation r ON r.oid = i.indrelid
UNION ALL
SELECT 'relation ' || path, pg_get_viewdef(oid) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'relation ' || r.path, format('%s from %s by %s in %s to %s cache %s cycle %s', q.seqtypid::regtype, q.seqstart,
    q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle)
FROM relation r JOIN pg_sequence q ON q.seqrelid = r.oid
UNION ALL
SELECT 'relation ' || r.path, format('%s %s of %s.%I', CASE d.deptype WHEN 'i' THEN 'identity' ELSE 'owned' END, r.relkind, d.refobjid::regclass, a.attname)
FROM relation r JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE r.relkind = 'S' AND d.refclassid = 'pg_class'::regclass
UNION ALL
SELECT 'relation ' || r.path, format('child of %s: %s', h.inhparent::regclass, pg_get_expr(r.relpartbound, r.oid))
FROM relation r JOIN pg_inherits h ON h.inhrelid = r.oid
UNION ALL
SELECT 'relation ' || r.path, format('%s enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'relation ' || r.path, format('%s enabled %s', pg_get_ruledef(w.oid), w.ev_enabled)
FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'relation ' || r.path, format('policy %I for %s permissive %s to %s using %s check %s', p.polname, p.polcmd,
    p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL
SELECT path, CASE prokind WHEN 'a' THEN (SELECT format('aggregate of %s and %s from %s by %s', prorettype::regtype,
        aggtranstype::regtype, agginitval, aggtransfn) FROM pg_aggregate WHERE aggfnoid = routine.oid)
    ELSE pg_get_functiondef(oid) END
FROM routine
UNION ALL
SELECT path, format('privileges %s owner %s', proacl, pg_get_userbyid(proowner)) FROM routine
UNION ALL
SELECT path, format('is %s, not null %s, default %s, base %s, collate %s, privileges %s owner %s: %s', typtype, typnotnull,
    CASE WHEN typdefault !~ (SELECT "default" FROM nothing) THEN typdefault END,
    CASE WHEN typbasetype <> 0 THEN format_type(typbasetype, typtypmod) END,
    CASE WHEN typcollation <> 0 THEN typcollation::regcollation END, typacl, pg_get_userbyid(typowner),
    CASE typtype WHEN 'e' THEN (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = kind.oid)
        WHEN 'c' THEN (SELECT string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod), attcollation::regcollation), ', ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = kind.typrelid AND NOT attisdropped)
        WHEN 'r' THEN (SELECT format('%s %s', rngsubtype::regtype, rngsubdiff) FROM pg_range WHERE rngtypid = kind.oid) END)
FROM kind
UNION ALL
SELECT kind.path, format('constraint %I %s', c.conname, pg_get_constraintdef(c.oid))
FROM pg_constraint c JOIN kind ON kind.oid = c.contypid
UNION ALL
SELECT 'statistics', pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
UNION ALL
SELECT 'collation', format('%I %s %s %s', collname, collnamespace::regnamespace, collprovider, coalesce(collcollate, colliculocale))
FROM pg_collation WHERE collnamespace IN (SELECT oid FROM space)
    AND NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_collation'::regclass AND objid = pg_collation.oid)
UNION ALL
SELECT 'operator', format('%s by %s', oid::regoperator, oprcode) FROM pg_operator
WHERE oprnamespace IN (SELECT oid FROM space)
    AND NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_operator'::regclass AND objid = pg_operator.oid)
UNION ALL
SELECT 'cast', format('%s as %s by %s %s', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext)
FROM pg_cast WHERE oid >= 16384
    AND NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_cast'::regclass AND objid = pg_cast.oid)
UNION ALL
SELECT 'text search', format('configuration %s of %s', oid::regconfig, cfgparser) FROM pg_ts_config
WHERE cfgnamespace IN (SELECT oid FROM space)
UNION ALL
SELECT 'publication', format('%I all %s of %s', pubname, puballtables,
    (SELECT array_agg(prrelid::regclass::text ORDER BY 1) FROM pg_publication_rel WHERE prpubid = pg_publication.oid))
FROM pg_publication
UNION ALL
SELECT 'event trigger', format('%I on %s by %s enabled %s', evtname, evtevent, evtfoid::regproc, evtenabled) FROM pg_event_trigger
UNION ALL
SELECT 'default privileges', format('%s in %s on %s: %s', defaclrole::regrole, defaclnamespace, defaclobjtype, defaclacl)
FROM pg_default_acl
UNION ALL
SELECT 'comment', format('on %s %s %s: %s', (pg_identify_object(classoid, objoid, objsubid)).type,
    (pg_identify_object(classoid, objoid, objsubid)).identity, objsubid > 0, description)
FROM pg_description WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid IN (SELECT oid FROM space))
    AND NOT EXISTS (SELECT FROM extended WHERE classid = classoid AND extended.objid = objoid)
    AND classoid <> 'pg_extension'::regclass
UNION ALL
SELECT 'comment', format('on extension %I: %s', e.extname, d.description)
FROM pg_description d JOIN pg_extension e ON e.oid = d.objoid
WHERE d.classoid = 'pg_extension'::regclass
