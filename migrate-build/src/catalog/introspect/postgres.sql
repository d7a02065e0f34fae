-- The schema of a PostgreSQL database as statements, in an order in which they can be carried out:
-- everything is said that the server would choose by itself.
WITH own AS (
    SELECT n.oid, n.nspname AS name FROM pg_namespace n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname NOT LIKE 'pg\_temp\_%' AND n.nspname NOT LIKE 'pg\_toast\_temp\_%'
), extended AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
    SELECT c.*, own.name AS schema, format('%I.%I', own.name, c.relname) AS path
    FROM pg_class c JOIN own ON own.oid = c.relnamespace
    WHERE c.relname NOT LIKE '\_\_diesel%' AND c.relname NOT LIKE '\_\_migrate%'
        AND NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), owned AS (
    SELECT d.objid, d.refobjid, a.attname, d.deptype FROM pg_depend d
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i')
), routine AS (
    SELECT p.*, own.name AS schema, format('%I.%I', own.name, p.proname) AS path,
        pg_get_function_identity_arguments(p.oid) AS arguments
    FROM pg_proc p JOIN own ON own.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
), part (rank, at, text) AS (
    SELECT 0, own.oid::int8, format('CREATE SCHEMA %I', own.name) FROM own WHERE own.name <> 'public'
    UNION ALL
    SELECT 1, e.oid::int8, format('CREATE EXTENSION %I SCHEMA %I', e.extname, n.nspname)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
    UNION ALL
    SELECT 2, t.oid::int8, CASE t.typtype
        WHEN 'e' THEN format('CREATE TYPE %I.%I AS ENUM (%s)', own.name, t.typname,
            (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
             FROM pg_enum WHERE enumtypid = t.oid))
        WHEN 'd' THEN format('CREATE DOMAIN %I.%I AS %s %s %s %s %s', own.name, t.typname,
            format_type(t.typbasetype, t.typtypmod),
            (SELECT 'COLLATE ' || t.typcollation::regcollation FROM pg_type b
             WHERE b.oid = t.typbasetype AND b.typcollation <> t.typcollation), 'DEFAULT ' || t.typdefault,
            CASE WHEN t.typnotnull THEN 'NOT NULL' END,
            (SELECT string_agg(format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ' ')
             FROM pg_constraint WHERE contypid = t.oid))
        ELSE format('CREATE TYPE %I.%I AS (%s)', own.name, t.typname,
            (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', '
                ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = t.typrelid AND NOT attisdropped)) END
    FROM pg_type t JOIN own ON own.oid = t.typnamespace
    WHERE (t.typtype IN ('e', 'd') OR t.typtype = 'c'
            AND EXISTS (SELECT FROM relation WHERE relation.oid = t.typrelid AND relkind = 'c'))
        AND NOT EXISTS (SELECT FROM extended WHERE classid = 'pg_type'::regclass AND objid = t.oid)
    UNION ALL
    SELECT 3, s.oid::int8, format('CREATE %s SEQUENCE %s AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
        CASE s.relpersistence WHEN 'u' THEN 'UNLOGGED' END, s.path, format_type(q.seqtypid, NULL), q.seqincrement, q.seqmin, q.seqmax, q.seqstart,
        q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' END)
    FROM relation s JOIN pg_sequence q ON q.seqrelid = s.oid
    UNION ALL
    SELECT 10, p.oid::int8, CASE WHEN p.prokind = 'a'
        THEN format('CREATE AGGREGATE %s(%s) (SFUNC = %s)', p.path, p.arguments,
            (SELECT aggtransfn FROM pg_aggregate WHERE aggfnoid = p.oid))
        ELSE rtrim(pg_get_functiondef(p.oid), E'\n') END
    FROM routine p
    UNION ALL
    SELECT 5, t.oid::int8, format('CREATE %s TABLE %s (%s) %s %s',
        CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' END, t.path,
        (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
            (SELECT 'COLLATE ' || quote_ident(l.collname) FROM pg_collation l JOIN pg_type y ON y.oid = a.atttypid
             WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation),
            CASE a.attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS (' ELSE 'DEFAULT ' END
                || pg_get_expr(d.adbin, d.adrelid) || CASE a.attgenerated WHEN 's' THEN ') STORED' ELSE '' END,
            CASE WHEN a.attnotnull THEN 'NOT NULL' END), ', ' ORDER BY a.attnum)
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'PARTITION BY ' || pg_get_partkeydef(t.oid),
        'WITH (' || array_to_string(t.reloptions, ', ') || ')')
    FROM relation t WHERE t.relkind IN ('r', 'p')
    UNION ALL
    SELECT 6, s.oid::int8, format('ALTER SEQUENCE %s OWNED BY %s.%I', s.path, t.path, owned.attname)
    FROM relation s JOIN owned ON owned.objid = s.oid JOIN relation t ON t.oid = owned.refobjid
    WHERE s.relkind = 'S'
    UNION ALL
    SELECT 7, t.oid::int8, format('ALTER TABLE %s %s', t.path, property) FROM relation t,
        LATERAL (VALUES (t.relrowsecurity, 'ENABLE ROW LEVEL SECURITY'),
            (t.relforcerowsecurity, 'FORCE ROW LEVEL SECURITY')) AS flag (is_set, property)
    WHERE t.relkind IN ('r', 'p') AND is_set
    UNION ALL
    SELECT CASE c.contype WHEN 'f' THEN 11 ELSE 8 END, c.oid::int8,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.path, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN relation t ON t.oid = c.conrelid
    WHERE c.contype IN ('c', 'p', 'u', 'x', 'f')
    UNION ALL
    SELECT 10, h.inhrelid::int8, format('ALTER TABLE %s ' || CASE WHEN c.relispartition
            THEN 'ATTACH PARTITION %s ' || pg_get_expr(c.relpartbound, c.oid) ELSE 'INHERIT %s' END,
        CASE WHEN c.relispartition THEN p.path ELSE c.path END, CASE WHEN c.relispartition THEN c.path ELSE p.path END)
    FROM pg_inherits h JOIN relation c ON c.oid = h.inhrelid JOIN relation p ON p.oid = h.inhparent
    WHERE c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 9, i.indexrelid::int8, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN relation x ON x.oid = i.indexrelid JOIN relation t ON t.oid = i.indrelid
    WHERE t.relkind <> 'm' AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 12, v.oid::int8, format('CREATE %s VIEW %s AS %s', CASE v.relkind WHEN 'm' THEN 'MATERIALIZED' END,
        v.path, rtrim(pg_get_viewdef(v.oid), ';'))
    FROM relation v WHERE v.relkind IN ('v', 'm')
    UNION ALL
    SELECT 13, i.indexrelid::int8, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN relation x ON x.oid = i.indexrelid JOIN relation t ON t.oid = i.indrelid
    WHERE t.relkind = 'm'
    UNION ALL
    SELECT 14, g.oid::int8, pg_get_triggerdef(g.oid)
    FROM pg_trigger g JOIN relation t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
    UNION ALL
    SELECT 15, p.oid::int8, format('CREATE POLICY %I ON %s FOR %s USING (%s)', p.polname, t.path,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, 'true')
    FROM pg_policy p JOIN relation t ON t.oid = p.polrelid
    UNION ALL
    SELECT 16, r.oid::int8, rtrim(pg_get_ruledef(r.oid), ';')
    FROM pg_rewrite r JOIN relation t ON t.oid = r.ev_class WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 17, s.oid::int8, pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN own ON own.oid = s.stxnamespace
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON %s IS %L', CASE
        WHEN d.objsubid > 0 THEN format('COLUMN %s.%I', t.path, a.attname)
        ELSE CASE t.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'i' THEN 'INDEX'
            WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END || ' ' || t.path END, d.description)
    FROM pg_description d JOIN relation t ON t.oid = d.objoid
    LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.objsubid
    WHERE d.classoid = 'pg_class'::regclass AND t.relkind <> 'c'
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, t.path, d.description)
    FROM pg_description d JOIN pg_constraint c ON c.oid = d.objoid JOIN relation t ON t.oid = c.conrelid
    WHERE d.classoid = 'pg_constraint'::regclass
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON FUNCTION %s(%s) IS %L', p.path, p.arguments, d.description)
    FROM pg_description d JOIN routine p ON p.oid = d.objoid WHERE d.classoid = 'pg_proc'::regclass
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON TYPE %I.%I IS %L', own.name, y.typname, d.description)
    FROM pg_description d JOIN pg_type y ON y.oid = d.objoid JOIN own ON own.oid = y.typnamespace
    WHERE d.classoid = 'pg_type'::regclass
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON TRIGGER %I ON %s IS %L', g.tgname, t.path, d.description)
    FROM pg_description d JOIN pg_trigger g ON g.oid = d.objoid JOIN relation t ON t.oid = g.tgrelid
    WHERE d.classoid = 'pg_trigger'::regclass
    UNION ALL
    SELECT 18, d.objoid::int8, format('COMMENT ON SCHEMA %I IS %L', own.name, d.description)
    FROM pg_description d JOIN own ON own.oid = d.objoid
    WHERE d.classoid = 'pg_namespace'::regclass AND own.name <> 'public'
)
SELECT text AS statement FROM part ORDER BY rank, at
