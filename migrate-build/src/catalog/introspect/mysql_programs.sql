-- The triggers in the order in which they fire, and the events: no prepared statement may show their
-- definitions. The times of events are not said: most are counted from when they were made.
SELECT concat('CREATE TRIGGER `', replace(trigger_name, '`', '``'), '` ', action_timing, ' ',
    event_manipulation, ' ON `', replace(event_object_table, '`', '``'), '` FOR EACH ROW ',
    action_statement) AS statement,
    concat_ws(' ', '1', event_object_table, event_manipulation, action_timing) AS place, action_order AS nth
FROM information_schema.triggers WHERE trigger_schema = database()
UNION ALL
SELECT concat('CREATE EVENT `', replace(event_name, '`', '``'), '` ON SCHEDULE ',
    if(event_type = 'RECURRING', concat('EVERY ', quote(interval_value), ' ', interval_field), 'AT now()'),
    if(on_completion = 'PRESERVE', ' ON COMPLETION PRESERVE', ''),
    CASE status WHEN 'ENABLED' THEN '' WHEN 'DISABLED' THEN ' DISABLE' ELSE ' DISABLE ON SLAVE' END,
    ' DO ', event_definition),
    '2', 0
FROM information_schema.events WHERE event_schema = database()
ORDER BY place, nth
