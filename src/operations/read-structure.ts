import type { Connection, RowDataPacket } from 'mysql2/promise';

type ItemKind = 'table' | 'column' | 'index' | 'foreign key' | 'check';

/** A table or a part of one, with everything that the server says defines it. */
export interface StructureItem {
  kind: ItemKind;
  table: string;
  /** Of a table itself: its own name. */
  name: string;
  /** By the word under which a difference is shown; null where the server holds nothing. */
  fields: Record<string, string | null>;
}

/** The runner's own tables: it makes them itself, by no migration. */
const RUNNERS_TABLES = `('schema_migrations', 'schema_migration_lock')`;

/** Partitions come and go with time, so what counts is how a table is partitioned. The counter is no structure either. */
const TABLES = `
  SELECT t.table_name AS table_name, t.table_name AS name, t.table_type AS \`kind\`, t.engine AS engine,
    t.table_collation AS collation, MAX(p.partition_method) AS \`partitioned by\`,
    MAX(p.partition_expression) AS \`partition key\`, MAX(p.subpartition_method) AS \`subpartitioned by\`,
    MAX(p.subpartition_expression) AS \`subpartition key\`
  FROM information_schema.tables t
  LEFT JOIN information_schema.partitions p ON p.table_schema = t.table_schema AND p.table_name = t.table_name
  WHERE t.table_schema = DATABASE() AND t.table_name NOT IN ${RUNNERS_TABLES}
  GROUP BY t.table_name, t.table_type, t.engine, t.table_collation ORDER BY t.table_name`;

const COLUMNS = `
  SELECT table_name AS table_name, column_name AS name, column_type AS \`type\`, is_nullable AS \`nullable\`,
    column_default AS \`default\`, collation_name AS collation, extra AS extra,
    generation_expression AS \`generated as\`
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name NOT IN ${RUNNERS_TABLES} ORDER BY table_name, ordinal_position`;

const INDEXES = `
  SELECT table_name AS table_name, index_name AS name, IF(non_unique, 'no', 'yes') AS \`unique\`, index_type AS \`type\`,
    GROUP_CONCAT(CONCAT(COALESCE(column_name, '(expression)'), IF(sub_part IS NULL, '', CONCAT('(', sub_part, ')')),
      IF(collation = 'D', ' DESC', '')) ORDER BY seq_in_index SEPARATOR ', ') AS \`columns\`
  FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name NOT IN ${RUNNERS_TABLES}
  GROUP BY table_name, index_name, non_unique, index_type ORDER BY table_name, index_name`;

const FOREIGN_KEYS = `
  SELECT k.table_name AS table_name, k.constraint_name AS name,
    GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR ', ') AS \`columns\`,
    CONCAT(IF(k.referenced_table_schema = DATABASE(), '', CONCAT(k.referenced_table_schema, '.')),
      k.referenced_table_name, ' (',
      GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR ', '), ')') AS \`references\`,
    r.delete_rule AS \`on delete\`, r.update_rule AS \`on update\`
  FROM information_schema.key_column_usage k
  JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
    AND r.table_name = k.table_name AND r.constraint_name = k.constraint_name
  WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL
  GROUP BY k.table_name, k.constraint_name, k.referenced_table_schema, k.referenced_table_name, r.delete_rule,
    r.update_rule ORDER BY k.table_name, k.constraint_name`;

/** MariaDB's names are unique in a table alone, and its view knows the table; MySQL's are the other way round. */
const CHECKS = {
  mariadb: `
  SELECT table_name AS table_name, constraint_name AS name, check_clause AS clause
  FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() ORDER BY table_name, constraint_name`,
  mysql: `
  SELECT t.table_name AS table_name, c.constraint_name AS name, c.check_clause AS clause, t.enforced AS enforced
  FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
    ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
  WHERE c.constraint_schema = DATABASE() AND t.constraint_type = 'CHECK' ORDER BY t.table_name, c.constraint_name`,
};

/** All tables of the connection's default database and their parts, columns in their order; no rows are looked at. */
export async function readStructure(connection: Connection): Promise<StructureItem[]> {
  // Else the list of a long index would be cut at 1,024 characters without an error.
  await connection.query('SET SESSION group_concat_max_len = 65535');
  const checks = CHECKS[(await serverVersion(connection)).includes('MariaDB') ? 'mariadb' : 'mysql'];
  return [
    ...(await readItems(connection, 'table', TABLES)),
    ...(await readItems(connection, 'column', COLUMNS)),
    ...(await readItems(connection, 'index', INDEXES)),
    ...(await readItems(connection, 'foreign key', FOREIGN_KEYS)),
    ...(await readItems(connection, 'check', checks)),
  ];
}

export async function serverVersion(connection: Connection): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  return String(row?.version);
}

async function readItems(connection: Connection, kind: ItemKind, sql: string): Promise<StructureItem[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map(({ table_name, name, ...values }) => ({
    kind,
    table: String(table_name),
    name: String(name),
    fields: Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, value === null ? null : String(value)]),
    ),
  }));
}
