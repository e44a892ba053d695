import { Inject, Injectable, Optional } from '@nestjs/common';
import { decodeTimeCursor, encodeTimeCursor, InvalidInputError } from '../../common/index.js';
import { TaskSearchService, type TaskFilter } from '../../shared/index.js';
import { CLIENT_ACCOUNTS, type ClientAccounts } from '../users/client-accounts.js';
import { toAdminTaskView, type AdminTaskListView } from './admin-task-view.js';
import type { ListAdminTasksQuery, TaskFilterDto } from './admin-tasks.dto.js';
import { OutputLinksService } from './output-links.service.js';

/** The time in an id of ours is its first 8 digits: fewer would name years of tasks. */
const TASK_ID_BEGINS = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/i;
/** Longer than any user's id. */
const NOBODY = '-';

/** All users' tasks, as admins look at them. */
@Injectable()
export class AdminTasksService {
  constructor(
    private readonly tasks: TaskSearchService,
    private readonly links: OutputLinksService,
    // Commands open this module without the application around it.
    @Optional() @Inject(CLIENT_ACCOUNTS) private readonly accounts?: ClientAccounts,
  ) {}

  async list(query: ListAdminTasksQuery, origin: string): Promise<AdminTaskListView> {
    const { limit, offset, order, cursor } = query;
    const after = cursor === undefined ? undefined : decodeTimeCursor(cursor);
    const filter = await this.toFilter(query);
    const { items, total, searchedFrom } = await this.tasks.find({ filter, order, limit, offset, after });
    const last = items.length === limit ? items.at(-1) : undefined;
    return {
      tasks: items.map((task) =>
        toAdminTaskView(task, (index, fileName) => this.links.linkTo({ taskId: task.taskId, index, fileName }, origin)),
      ),
      total,
      limit,
      offset,
      next_cursor: last ? encodeTimeCursor(last) : null,
      searched_from: searchedFrom?.toISOString() ?? null,
    };
  }

  /** Throws 422 for a time that ends before it begins. */
  async toFilter(asked: TaskFilterDto): Promise<TaskFilter> {
    const { q, user, from, to, ...query } = withoutNulls(asked);
    if (from && to && from >= to) {
      throw new InvalidInputError([{ field: 'to', message: 'to must be later than from.' }]);
    }
    const isTaskId = q !== undefined && TASK_ID_BEGINS.test(q);
    return {
      status: query.status,
      taskType: query.task_type,
      workflowName: query.workflow,
      nodeId: query.node,
      errorCode: query.error_code,
      userId: user === undefined ? undefined : await this.findUser(user),
      taskIdPrefix: isTaskId ? q.toLowerCase() : undefined,
      promptPart: isTaskId ? undefined : q,
      from,
      to,
    };
  }

  /** By name, or else by what was given: tasks of users who are gone bear their id still. */
  private async findUser(user: string): Promise<string> {
    const clientId = await this.accounts?.findClientId(user);
    return clientId ?? (user.length <= 36 ? user : NOBODY);
  }
}

/** A field of a body that is null is one left out. */
function withoutNulls(asked: TaskFilterDto): TaskFilterDto {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => (value as unknown) !== null));
}
