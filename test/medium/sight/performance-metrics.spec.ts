import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { adminDataSourceOptions } from '../../../ormconfig/admin.js';
import { sharedDataSourceOptions } from '../../../ormconfig/shared.js';
import { NodesService, PerformanceMetricsRepository } from '../../../src/admin/index.js';
import { JobRunner } from '../../../src/jobs/job-runner.js';
import { TaskWishesService } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const JOB = 'performance-metrics';
const DUE = new Date('2026-11-22T10:05:05Z');
const MINUTE = new Date('2026-11-22T10:05:00Z');
const signal = new AbortController().signal;

interface Row {
  type: string;
  name: string;
  value: number;
  tags: Record<string, string> | null;
  nodeId: string | null;
}

describe('the samples of each minute (real: MariaDB)', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let others: INestApplicationContext;
  let admin: DataSource;

  beforeEach(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    others = await startServices(server);
    admin = await new DataSource(adminDataSourceOptions(server.settings)).initialize();
    await services.get(NodesService).add({ url: 'http://gpu:8188', nodeId: 'n1', name: 'GPU 1' });
  });

  afterEach(async () => {
    await admin.destroy();
    await services.close();
    await others.close();
    await server.stop();
  });

  async function rowsOf(recordedAt: Date): Promise<Row[]> {
    const rows = await admin.query<(Row & { value: string; tags: string | null })[]>(
      `SELECT metric_type AS type, metric_name AS name, metric_value AS value, CAST(tags AS CHAR) AS tags,
              node_id AS nodeId
       FROM performance_metrics WHERE recorded_at = ? ORDER BY id`,
      [recordedAt],
    );
    return rows.map((row) => ({
      ...row,
      value: Number(row.value),
      tags: row.tags === null ? null : (JSON.parse(row.tags) as Record<string, string>),
    }));
  }

  const run = (of: INestApplicationContext) =>
    of.get(JobRunner, { strict: false }).find(JOB).run({ dueAt: DUE, signal, options: {} });

  async function endTask(queuedAt: string, startedAt: string, completedAt: string): Promise<void> {
    const wish = makeTaskWish();
    await services.get(TaskWishesService).apply([wish]);
    const shared = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
    await shared.query(
      `UPDATE global_tasks SET status = 'completed', queued_at = ?, started_at = ?, completed_at = ? WHERE task_id = ?`,
      [...[queuedAt, startedAt, completedAt].map((time) => new Date(`2026-11-22T${time}Z`)), wish.taskId],
    );
    await shared.destroy();
  }

  it('tell of machine, queue and nodes, and of what ended in the minute before', async () => {
    await services.get(TaskWishesService).apply([makeTaskWish(), makeTaskWish()]);
    await endTask('10:03:50', '10:04:00', '10:04:30');
    await endTask('10:03:50', '10:04:10', '10:04:59.999');
    await endTask('10:03:50', '10:04:00', '10:05:00');
    expect(await run(services)).toEqual({ minute: MINUTE.toISOString(), is_new: true });
    const rows = await rowsOf(MINUTE);
    const valueOf = (name: string, tags: object | null = null) =>
      rows.find((row) => row.name === name && (tags === null || JSON.stringify(row.tags) === JSON.stringify(tags)))
        ?.value;
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(['system', 'task', 'node']));
    expect(valueOf('queue_depth', { task_type: 'text_to_image' })).toBe(2);
    expect(valueOf('settled', { status: 'completed' })).toBe(2);
    expect(valueOf('settled', { status: 'failed' })).toBe(0);
    expect([valueOf('wait_p50'), valueOf('wait_p95')]).toEqual([10, 20]);
    expect([valueOf('run_p50'), valueOf('run_p95')]).toEqual([30, 49.999]);
    expect(valueOf('cpu_usage')).toBeGreaterThanOrEqual(0);
    const node = rows.filter(({ nodeId }) => nodeId !== null);
    expect(node.map(({ name }) => name)).toEqual([
      ...['load', 'online', 'cpu_usage', 'memory_usage', 'gpu_usage', 'gpu_memory_usage'],
    ]);
    expect(node[0]!.tags).toEqual({ node: 'n1' });
  });

  it('are there once, however often and by whomever the minute is sampled', async () => {
    await run(services);
    const before = await rowsOf(MINUTE);
    expect(await run(others)).toMatchObject({ is_new: false });
    expect(await run(services)).toMatchObject({ is_new: false });
    expect(await rowsOf(MINUTE)).toEqual(before);
  });

  it('are there once where two processes write the same minute at the same time', async () => {
    const of = (context: INestApplicationContext) => context.get(PerformanceMetricsRepository, { strict: false });
    const samples = [{ type: 'task' as const, name: 'queue_depth', value: 1, unit: 'tasks' }];
    for (let round = 0; round < 20; round += 1) {
      const recordedAt = new Date(MINUTE.getTime() + round * 60_000);
      const minute = { source: 'installation', recordedAt, samples, withNodes: true };
      const written = await Promise.all([services, others, services, others].map((each) => of(each).write(minute)));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await rowsOf(recordedAt)).toHaveLength(7);
    }
  });

  it('leave nothing of a minute that could not be written whole', async () => {
    const repository = services.get(PerformanceMetricsRepository, { strict: false });
    const sample = { type: 'task' as const, name: 'queue_depth', value: 1, unit: 'tasks' };
    const minute = {
      source: 'installation',
      recordedAt: MINUTE,
      samples: [sample, { ...sample, unit: 'x'.repeat(65) }],
    };
    await expect(repository.write(minute)).rejects.toThrow('unit');
    expect(await rowsOf(MINUTE)).toEqual([]);
    expect(await run(services)).toMatchObject({ is_new: true });
  });
});
