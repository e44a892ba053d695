import { Inject, Injectable, Optional } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/index.js';
import { StoredFilesRepository, type StoredFile, type StoredFileFilter } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { OutputLinksService } from '../tasks/output-links.service.js';
import { CLIENT_ACCOUNTS, type ClientAccounts } from '../users/client-accounts.js';
import { toAdminFileView, type AdminFileListView } from './file.view.js';
import type { ListFilesQuery } from './files.dto.js';
import { USER_UPLOADS, type UserUploads } from './user-uploads.js';

/** What no index leads to is looked for among so many of the newest. */
const LOOKED_AT = 50_000;
/** Longer than any user's id. */
const NOBODY = '-';

/** Uploads and results of all users. */
@Injectable()
export class FilesService {
  constructor(
    private readonly files: StoredFilesRepository,
    private readonly links: OutputLinksService,
    private readonly audit: AuditService,
    @Optional() @Inject(CLIENT_ACCOUNTS) private readonly accounts?: ClientAccounts,
    @Optional() @Inject(USER_UPLOADS) private readonly uploads?: UserUploads,
  ) {}

  async list(query: ListFilesQuery, origin: string): Promise<AdminFileListView> {
    const { limit, offset } = query;
    const filter = await this.toFilter(query);
    const searchedFrom = await this.findWindow(filter);
    const within = searchedFrom ? { ...filter, from: searchedFrom } : filter;
    const [items, total] = await Promise.all([this.files.list(within, limit, offset), this.files.count(within)]);
    const userIds = items.flatMap(({ userId }) => (userId === null ? [] : [userId]));
    const names = (await this.accounts?.listNames([...new Set(userIds)])) ?? new Map<string, string>();
    return {
      files: items.map((file) => toAdminFileView(file, names.get(file.userId ?? ''), this.linkTo(file, origin))),
      total,
      limit,
      offset,
      searched_from: searchedFrom?.toISOString() ?? null,
    };
  }

  /** An upload, by the rules that hold for its owner. Throws 404, and 409 for a result or one that a task needs. */
  async delete(fileId: string): Promise<{ message: string; file_id: string }> {
    if (!this.uploads) throw new Error('nobody keeps uploads here: UserPortsModule is missing');
    if (!(await this.uploads.deleteAnyones(fileId))) {
      if (!(await this.files.has(fileId))) throw new NotFoundError('There is no such file.', 'FILE_NOT_FOUND');
      throw new ConflictError('This is no upload: a result goes with its task.', 'FILE_IS_RESULT');
    }
    await this.audit.record({ action: 'file.delete', targetType: 'file', targetId: fileId });
    return { message: 'The file is deleted.', file_id: fileId };
  }

  private async toFilter({ kind, user, type, from, to, ...sizes }: ListFilesQuery): Promise<StoredFileFilter> {
    if (from && to && from >= to) {
      throw new InvalidInputError([{ field: 'to', message: 'to must be later than from.' }]);
    }
    const found = user === undefined ? undefined : await this.accounts?.findClientId(user);
    const userId = user === undefined ? undefined : (found ?? (user.length <= 36 ? user : NOBODY));
    return { kind, userId, type, minBytes: sizes.min_size, maxBytes: sizes.max_size, from, to };
  }

  private async findWindow(filter: StoredFileFilter): Promise<Date | null> {
    const { from: _, to: __, ...others } = filter;
    const isByTime = Object.values(others).every((value) => value === undefined);
    if (isByTime || filter.userId !== undefined) return null;
    return (await this.files.findTimeOf(filter, LOOKED_AT)) ?? null;
  }

  private linkTo({ taskId, outputIndex, fileName, fileHash }: StoredFile, origin: string): string | null {
    if (taskId === null || outputIndex === null || fileHash === null) return null;
    return this.links.linkTo({ taskId, index: outputIndex, fileName }, origin);
  }
}
