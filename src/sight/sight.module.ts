import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AdminModule } from '../admin/index.js';
import { ClientModule } from '../client/index.js';
import { DatabasesHealth } from '../database/index.js';
import { FlamesModule } from '../flames/index.js';
import { SharedModule } from '../shared/index.js';
import { ApiMinutes } from './api-minutes.service.js';
import { ExpositionService } from './exposition.service.js';
import { DatabaseFacts } from './facts/database-facts.js';
import { EvaluationFacts } from './facts/evaluation-facts.js';
import { FACT_SOURCES, FactRegistry, type FactSource } from './facts/fact-source.js';
import { FleetFacts } from './facts/fleet-facts.js';
import { JobFacts } from './facts/job-facts.js';
import { LeaseFacts } from './facts/lease-facts.js';
import { OutboxFacts } from './facts/outbox-facts.js';
import { QueueFacts } from './facts/queue-facts.js';
import { RowFacts } from './facts/row-facts.js';
import { DiskFacts, FileFacts } from './facts/storage-facts.js';
import { Liveness } from './health/liveness.service.js';
import { LoopCheck } from './health/loop-check.service.js';
import { MigrationCheck } from './health/migration-check.service.js';
import { ProbesController } from './health/probes.controller.js';
import { Readiness } from './health/readiness.service.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsListener } from './metrics-listener.js';
import { TracesLifecycle } from './traces-lifecycle.js';

const SINGLE = [QueueFacts, FleetFacts, LeaseFacts, JobFacts, EvaluationFacts, DiskFacts, FileFacts];

/** What is seen of the service from outside: figures for Prometheus, samples for charts, answers for probes. */
@Module({
  imports: [AdminModule, ClientModule, FlamesModule, SharedModule, TerminusModule.forRoot({ logger: false })],
  controllers: [MetricsController, ProbesController],
  providers: [
    ...SINGLE,
    ApiMinutes,
    DatabaseFacts,
    DatabasesHealth,
    ExpositionService,
    Liveness,
    LoopCheck,
    MetricsListener,
    MigrationCheck,
    OutboxFacts,
    Readiness,
    RowFacts,
    TracesLifecycle,
    { provide: FactRegistry, useFactory: () => new FactRegistry() },
    {
      provide: FACT_SOURCES,
      inject: [DatabaseFacts, OutboxFacts, ...SINGLE],
      useFactory: (databases: DatabaseFacts, outboxes: OutboxFacts, ...single: FactSource[]) => [
        ...databases.sources,
        ...outboxes.sources,
        ...single,
      ],
    },
  ],
  exports: [ExpositionService],
})
export class SightModule {}
