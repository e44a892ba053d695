import { Inject, Injectable } from '@nestjs/common';
import { Clock, ConflictError, newId, NotFoundError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import { SCORERS, type Scorers } from '../scoring/scorer.js';
import { CHAT_TARGETS, type ChatTargets } from '../targets/chat-target.js';
import type { Dataset } from '../datasets/datasets.repository.js';
import type { CreateTaskDto } from './create-task.dto.js';
import { FlamesItemsRepository } from './flames-items.repository.js';
import type { FlamesTaskConfig, FlamesTaskRecord } from './flames-task.js';
import { FlamesTasksRepository, type NewFlamesTask, type SealedKeys } from './flames-tasks.repository.js';
import type { FlamesHistoryQuery } from './history.query.js';
import { TaskKeysService } from './task-keys.service.js';
import { TaskPlansService } from './task-plans.service.js';
import {
  toFlamesTaskDetailView,
  toFlamesTaskView,
  type CreatedTasksView,
  type FlamesHistoryView,
  type FlamesTaskDetailView,
} from './task-views.js';

interface PreparedTask {
  task: Omit<NewFlamesTask, 'totalItems'>;
  keys: SealedKeys;
  dataset: Dataset;
  /** Undefined: all of the dataset. */
  itemIds: string[] | undefined;
  items: number;
}

const WHOLE_HISTORY = 10_000;

/** Evaluations, from their wish to their end; the work itself is the runner's. */
@Injectable()
export class FlamesTasksService {
  private readonly zone: string;

  constructor(
    private readonly tasks: FlamesTasksRepository,
    private readonly items: FlamesItemsRepository,
    private readonly plans: TaskPlansService,
    private readonly keys: TaskKeysService,
    @Inject(CHAT_TARGETS) private readonly targets: ChatTargets,
    @Inject(SCORERS) private readonly scorers: Scorers,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(SETTINGS) { flames }: Settings,
  ) {
    this.zone = flames.timesZone;
  }

  countByStatus(): Promise<Record<string, number>> {
    return this.tasks.countByStatus();
  }

  /** A task for each dataset, with all its items: all of them or none. */
  async create(wish: CreateTaskDto, userName: string): Promise<CreatedTasksView> {
    const datasets = await this.plans.getDatasets(wish);
    const prepared = await Promise.all(datasets.map((dataset) => this.prepare(wish, dataset, userName)));
    await this.tryToOpen(prepared[0]!.task.config, wish);
    await this.tasks.transaction(async (transaction) => {
      for (const { task, keys, dataset, itemIds, items } of prepared) {
        await this.tasks.insert(transaction, { ...task, totalItems: items }, keys);
        const of = { taskId: task.taskId, datasetId: dataset.id, repeats: task.config.repeats };
        const made = await this.items.insertFor(transaction, of, itemIds);
        if (made !== items) throw new Error(`dataset ${dataset.number} has ${made} items, not ${items}`);
      }
    });
    this.signals.emit('flames.tasks');
    return { tasks: prepared.map(({ task }) => ({ dataset_id: task.datasetId, task_id: task.taskId })) };
  }

  async list({ model_name, dataset_id, status, limit, offset }: FlamesHistoryQuery): Promise<FlamesHistoryView> {
    const filters = { modelName: model_name, datasetId: dataset_id, status };
    const page = { limit: limit ?? WHOLE_HISTORY, offset: offset ?? 0 };
    const tasks = (await this.tasks.list(filters, page)).map((task) => toFlamesTaskView(task, this.zone));
    const isPart = limit !== undefined || offset !== undefined;
    return isPart ? { tasks, total: await this.tasks.count(filters) } : { tasks };
  }

  find(taskId: string): Promise<FlamesTaskRecord | undefined> {
    return this.tasks.find(taskId);
  }

  async get(taskId: string): Promise<FlamesTaskRecord> {
    const task = await this.find(taskId);
    if (!task) throw new NotFoundError('There is no such evaluation.', 'FLAMES_TASK_NOT_FOUND');
    return task;
  }

  async getDetail(taskId: string): Promise<FlamesTaskDetailView> {
    const task = await this.get(taskId);
    return toFlamesTaskDetailView(task, await this.items.countByStatus(taskId), this.zone);
  }

  cancel(taskId: string): Promise<FlamesTaskDetailView> {
    return this.change(taskId, 'cancelled', () => this.tasks.cancel(taskId));
  }

  /** What is being asked ends; nothing more is asked until it is resumed. */
  pause(taskId: string): Promise<FlamesTaskDetailView> {
    return this.change(taskId, 'paused', () => this.tasks.pause(taskId));
  }

  resume(taskId: string): Promise<FlamesTaskDetailView> {
    return this.change(taskId, 'resumed', () => this.tasks.resume(taskId));
  }

  private async change(taskId: string, word: string, work: () => Promise<boolean>): Promise<FlamesTaskDetailView> {
    if (!(await work())) {
      const { status } = await this.get(taskId);
      throw new ConflictError(`This evaluation is ${status} and cannot be ${word}.`, 'FLAMES_TASK_OVER');
    }
    this.signals.emit('flames.tasks');
    return this.getDetail(taskId);
  }

  private async prepare(wish: CreateTaskDto, dataset: Dataset, userName: string): Promise<PreparedTask> {
    const taskId = newId();
    const config = this.plans.toConfig(wish, dataset);
    const sampled = wish.sample === undefined ? undefined : await this.plans.listItems(dataset, wish);
    return {
      task: {
        taskId,
        modelName: wish.model_name,
        datasetId: dataset.number,
        submitTime: this.clock.now(),
        config,
        userName,
      },
      keys: this.keys.seal(taskId, { apiKey: wish.api_key ?? '', scorerKey: wish.scorer_key }),
      dataset,
      itemIds: sampled?.map(({ itemId }) => itemId),
      items: (sampled?.length ?? dataset.itemCount) * config.repeats,
    };
  }

  /** What can be said against address, key and scorer without asking anybody is said now, and not when it runs. */
  private async tryToOpen({ apiSite, scorer }: FlamesTaskConfig, wish: CreateTaskDto): Promise<void> {
    await this.targets.open({ apiSite, apiKey: wish.api_key ?? '' }).close();
    await this.scorers.open(scorer, wish.scorer_key).close();
  }
}
