import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { catchAllRows, DATABASE_NAMES, databaseToken, type Database, type DatabaseName } from '../../database/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

const STATES = ['used', 'idle'] as const;

type Gauges = ReturnType<typeof makeGauges>;

/** Whether one database answers. */
class Reachability implements FactSource {
  readonly name: string;
  readonly told = [{ reset: () => this.gauges.up.set({ database: this.database }, 0) }];

  constructor(
    private readonly database: DatabaseName,
    private readonly gauges: Gauges,
    private readonly connect: () => Database,
  ) {
    this.name = `database_${database}`;
    gauges.up.set({ database }, 0);
  }

  async read(): Promise<() => void> {
    await this.connect().rows('SELECT 1');
    return () => this.gauges.up.set({ database: this.database }, 1);
  }
}

/** What lies in the catch-all partitions of one database; apart, since it asks the server's dictionary. */
class CatchAlls implements FactSource {
  readonly name: string;
  readonly told = [{ reset: () => this.forget() }];
  private tables: string[] = [];

  constructor(
    database: DatabaseName,
    private readonly gauges: Gauges,
    private readonly connect: () => Database,
  ) {
    this.name = `partitions_${database}`;
  }

  async read(): Promise<() => void> {
    const partitions = await catchAllRows(this.connect());
    return () => {
      this.tables = partitions.map(({ table }) => table);
      for (const { table, rows } of partitions) this.gauges.partitions.set({ table }, rows);
    };
  }

  private forget(): void {
    for (const table of this.tables) this.gauges.partitions.remove({ table });
  }
}

function makeGauges(registry: FactRegistry) {
  return {
    up: gauge(registry, 'cws_database_up', 'Whether the database answers.', ['database']),
    pool: gauge(registry, 'cws_database_pool_connections', 'Open connections.', ['database', 'state']),
    waiting: gauge(registry, 'cws_database_pool_waiting', 'Requests that wait for a connection.', ['database']),
    limit: gauge(registry, 'cws_database_pool_limit', 'Connections that may be open at most.', ['database']),
    partitions: gauge(
      registry,
      'cws_partition_catch_all_rows',
      'Rows in a catch-all partition, estimated: partitions were not made in time.',
      ['table'],
    ),
  };
}

/** The four databases, each on its own: one that is away hides no other. */
@Injectable()
export class DatabaseFacts {
  readonly sources: FactSource[];
  private readonly gauges: Gauges;

  constructor(
    registry: FactRegistry,
    private readonly modules: ModuleRef,
  ) {
    this.gauges = makeGauges(registry);
    this.sources = DATABASE_NAMES.flatMap((name) => [
      new Reachability(name, this.gauges, () => this.find(name)),
      new CatchAlls(name, this.gauges, () => this.find(name)),
    ]);
  }

  /** Of this moment, and without a question to any server. */
  readPools(): void {
    for (const database of DATABASE_NAMES) {
      const { open, used, waiting, most } = this.find(database).poolUse();
      const connections = { used, idle: open - used };
      for (const state of STATES) this.gauges.pool.set({ database, state }, connections[state]);
      this.gauges.waiting.set({ database }, waiting);
      this.gauges.limit.set({ database }, most);
    }
  }

  private find(name: DatabaseName): Database {
    return this.modules.get<Database>(databaseToken(name), { strict: false });
  }
}
