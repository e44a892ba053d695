import { Inject, Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { SETTINGS, type Settings } from '../config/index.js';
import { Database } from './database.js';
import type { DatabaseName } from './database-name.js';
import { OutboxReader } from './outbox.js';

export const databaseToken = (name: DatabaseName) => `database:${name}`;
export const outboxToken = (name: DatabaseName) => `outbox:${name}`;

/** Injects one of the four databases; a module uses its own and no other. */
export const InjectDatabase = (name: DatabaseName) => Inject(databaseToken(name));

/** Injects what reads a module's outbox; for the relay alone. */
export const InjectOutbox = (name: DatabaseName) => Inject(outboxToken(name));

/**
 * A module provides and exports this, so that the relay sees its outbox and nothing else of its database. `needed` is
 * a condition over `outbox o`: such rows stay, however long ago they were published.
 */
export function outboxProvider(name: DatabaseName, needed?: string): FactoryProvider<OutboxReader> {
  return {
    provide: outboxToken(name),
    inject: [databaseToken(name)],
    useFactory: (database: Database) => new OutboxReader(database, needed),
  };
}

/**
 * Gives a module its data source, under its own name: none of the four is the default one, so that a
 * forgotten name stops the start instead of reaching the wrong database.
 */
@Module({})
export class DatabaseModule {
  static bind(name: DatabaseName, options: (settings: Settings) => DataSourceOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          name,
          inject: [SETTINGS],
          useFactory: (settings: Settings) => ({ ...options(settings), retryAttempts: 3, retryDelay: 1_000 }),
        }),
      ],
      providers: [
        {
          provide: databaseToken(name),
          inject: [getDataSourceToken(name)],
          useFactory: (dataSource: DataSource) => new Database(dataSource),
        },
      ],
      exports: [databaseToken(name)],
    };
  }
}
