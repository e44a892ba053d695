import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { adminDataSourceOptions } from '../../../ormconfig/admin.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, NodesService, PerformanceMetricsRepository } from '../../../src/admin/index.js';
import { Clock } from '../../../src/common/index.js';
import { TaskWishesService } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';
const START = new Date('2026-11-20T10:00:00Z').getTime();
/** What any of the routes answers with. */
interface Answer {
  series: { tags: Record<string, string>; node_id: number | null; points: object[] }[];
  metrics: { metric_name: string }[];
  recorded_at: string | null;
  system_load: { cpu: number; memory: number };
}

const at = (minute: number) => new Date(START + minute * 60_000);

describe('the routes of performance (real: MariaDB)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let admin: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer();
    let url: string;
    ({ app, url } = await startApi(server));
    await app.get(AdminUsersService).create({ username: 'ada', password: PASSWORD, role: 'viewer' });
    admin = await ApiClient.signInAsAdmin(url, 'ada', PASSWORD);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const get = (path: string) => admin.json<Answer>('GET', path);
  const history = (query: string) => `/api/admin/performance/history?metric_type=task&metric_name=queue_depth${query}`;
  const SPAN = `&from=${at(0).toISOString()}&to=${at(59).toISOString()}`;

  it('answer where nothing was sampled yet', async () => {
    expect(await get('/api/admin/performance/current')).toEqual({ recorded_at: null, metrics: [] });
    expect(await get(history(''))).toMatchObject({ metric_name: 'queue_depth', step: 60, series: [] });
    expect(await get('/api/admin/performance/summary')).toMatchObject({ metrics: [] });
  });

  it('A2 tells of nodes, tasks and load', async () => {
    await app.get(NodesService).add({ url: 'http://gpu:8188', nodeId: 'n1', name: 'GPU 1' });
    await app.get(TaskWishesService).apply([makeTaskWish(), makeTaskWish()]);
    expect(await get('/admin/system/status')).toEqual({
      ...{ total_nodes: 1, online_nodes: 0 },
      ...{ total_tasks: 2, running_tasks: 0, completed_tasks: 0, failed_tasks: 0 },
      system_load: { cpu: expect.any(Number), memory: expect.any(Number) },
    });
    const { system_load: load } = await get('/admin/system/status');
    for (const fraction of [load.cpu, load.memory]) expect(fraction >= 0 && fraction <= 1).toBe(true);
  });

  describe('with an hour of samples', () => {
    beforeAll(async () => {
      const repository = app.get(PerformanceMetricsRepository, { strict: false });
      for (let minute = 0; minute < 60; minute += 1) {
        const sample = { type: 'task' as const, name: 'queue_depth', unit: 'tasks' };
        const samples = [
          { ...sample, value: minute, tags: { task_type: 'text_to_image' } },
          { ...sample, value: 100, tags: { task_type: 'image_to_video' } },
        ];
        await repository.write({
          source: 'installation',
          recordedAt: at(minute),
          samples,
          withNodes: minute % 2 === 0,
        });
      }
    });

    it('history gives each series in steps', async () => {
      const answer = await get(history(`${SPAN}&step=600`));
      expect(answer.series.map(({ tags }) => tags.task_type)).toEqual(['image_to_video', 'text_to_image']);
      const pictures = answer.series[1]!;
      expect(pictures.points).toHaveLength(6);
      expect(pictures.points[1]).toEqual({ at: at(10).toISOString(), avg: 14.5, min: 10, max: 19, samples: 10 });
    });

    it('history and summary find their rows by an index', async () => {
      const admin = await new DataSource(adminDataSourceOptions(server.settings)).initialize();
      const explain = async (where: string) => {
        const [plan] = await admin.query<{ possible_keys: string }[]>(
          `EXPLAIN SELECT AVG(metric_value) FROM performance_metrics WHERE ${where}`,
        );
        return plan!.possible_keys;
      };
      const span = `recorded_at >= '2026-11-20 10:00:00' AND recorded_at <= '2026-11-20 10:05:00'`;
      expect(await explain(`metric_type = 'task' AND metric_name = 'queue_depth' AND ${span}`)).toContain(
        'ix_performance_metrics_metric_type_metric_name_recorded_at',
      );
      expect(await explain(span)).toContain('ix_performance_metrics_recorded_at');
      await admin.destroy();
    });

    it('history of one node is of no other', async () => {
      const of = (node: string) => `/api/admin/performance/history?metric_type=node&metric_name=load${SPAN}${node}`;
      const { series } = await get(of(''));
      expect(series).toHaveLength(1);
      expect(series[0]).toMatchObject({ tags: { node: 'n1' }, node_id: expect.any(Number) });
      expect((await get(of(`&node_id=${series[0]!.node_id}`))).series).toEqual(series);
      expect((await get(of('&node_id=4711'))).series).toEqual([]);
    });

    it('summary gives least, average, most and the 95th percentile', async () => {
      const { metrics } = await get(
        `/api/admin/performance/summary?from=${at(0).toISOString()}&to=${at(59).toISOString()}`,
      );
      expect(metrics.find((each) => each.metric_name === 'queue_depth')).toEqual({
        ...{ metric_type: 'task', metric_name: 'queue_depth', unit: 'tasks', samples: 120 },
        ...{ min: 0, max: 100, avg: 64.75, p95: 100 },
      });
    });

    it('current gives the last minute, while it is one', async () => {
      const repository = app.get(PerformanceMetricsRepository, { strict: false });
      const recordedAt = new Date(Math.floor(Date.now() / 60_000) * 60_000);
      const samples = [{ type: 'system' as const, name: 'cpu_usage', value: 0.25, unit: 'ratio', tags: { host: 'h' } }];
      await repository.write({ source: 'installation', recordedAt, samples });
      const answer = await get('/api/admin/performance/current');
      expect(answer.recorded_at).toBe(recordedAt.toISOString());
      expect(answer.metrics).toContainEqual({
        ...{ metric_type: 'system', metric_name: 'cpu_usage', value: 0.25, unit: 'ratio' },
        ...{ tags: { host: 'h' }, node_id: null },
      });
      // What a process says of itself comes first: that minute is not whole yet.
      const next = new Date(recordedAt.getTime() + 60_000);
      const requests = [{ type: 'api' as const, name: 'requests', value: 1, unit: 'requests' }];
      await repository.write({ source: 'process-1', recordedAt: next, samples: requests });
      jest.spyOn(app.get(Clock), 'now').mockReturnValue(new Date(next.getTime() + 1_000));
      expect((await get('/api/admin/performance/current')).recorded_at).toBe(recordedAt.toISOString());
      jest.restoreAllMocks();
    });
  });

  it.each([
    ['/api/admin/performance/history', 'metric_type'],
    ['/api/admin/performance/history?metric_type=task', 'metric_name'],
    [history('&step=5'), 'step'],
    [history('&node_id=n1'), 'node_id'],
    [history('&from=yesterday'), 'from'],
    [history(`&from=${at(5).toISOString()}&to=${at(5).toISOString()}`), 'from'],
    [history(`&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`), 'from'],
    [`/api/admin/performance/summary?from=${at(0).toISOString()}&to=2026-11-30T00:00:00Z`, 'from'],
  ])('%s is refused for its %s', async (path, field) => {
    const answer = await admin.send('GET', path);
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ field })]) }),
    ]);
  });
});
