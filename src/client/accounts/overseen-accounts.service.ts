import { Injectable } from '@nestjs/common';
import {
  Clock,
  ConflictError,
  hashPassword,
  InvalidInputError,
  RelaxedReadings,
  type Page,
} from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { EventStreams } from '../../live/index.js';
import { ApiKeysRepository, type ApiKeyRecord } from '../api-keys/api-keys.repository.js';
import { ClientUsersService, findPasswordProblems, type NewUser } from '../auth/client-users.service.js';
import { QuotaService } from '../quota/quota.service.js';
import { CancelWishesService } from '../tasks/cancel-wishes.service.js';
import { toAccount, type Account } from './account.js';
import {
  AccountsRepository,
  type AccountChanges,
  type AccountFilter,
  type AccountRow,
  type SessionRow,
  type StoredFiles,
} from './accounts.repository.js';

export interface AccountDetail extends Account {
  tasks: Record<string, number>;
  sessions: SessionRow[];
  apiKeys: ApiKeyRecord[];
  uploads: StoredFiles;
  results: StoredFiles;
}

export interface ChangedAccount {
  before: Account;
  after: Account;
}

type Sums = Pick<AccountDetail, 'tasks' | 'uploads' | 'results'>;

const CANCELLED_AT_ONCE = 200;
/** How many users' sums are kept; of a busy one hundreds of thousands of rows are added up. */
const USERS_KEPT = 100;

/** Users' accounts in the hands of admins. What finds no such user says so by undefined. */
@Injectable()
export class OverseenAccountsService {
  private readonly sums: RelaxedReadings<Sums>;

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly users: ClientUsersService,
    private readonly apiKeys: ApiKeysRepository,
    private readonly quota: QuotaService,
    private readonly cancels: CancelWishesService,
    private readonly streams: EventStreams,
    private readonly clock: Clock,
  ) {
    this.sums = new RelaxedReadings(clock, 0, USERS_KEPT);
  }

  findClientId(nameOrId: string): Promise<string | undefined> {
    return this.accounts.findClientId(nameOrId);
  }

  listNames(clientIds: string[]): Promise<Map<string, string>> {
    return this.accounts.listNames(clientIds);
  }

  async list(filter: AccountFilter): Promise<Page<Account>> {
    const { items, total } = await this.accounts.list(filter);
    return { items: items.map((row) => this.toAccount(row)), total };
  }

  async findDetail(clientId: string): Promise<AccountDetail | undefined> {
    const row = await this.accounts.find(clientId);
    if (!row) return undefined;
    const [sums, sessions, apiKeys] = await Promise.all([
      this.sums.get(clientId, () => this.addUp(clientId)),
      this.accounts.listSessions(clientId, this.clock.now()),
      this.apiKeys.list(clientId),
    ]);
    return { ...this.toAccount(row), ...sums, sessions, apiKeys };
  }

  /** Throws 422 for a weak password or an unusable name, 409 for a name that is taken. */
  async create(user: NewUser): Promise<Account> {
    const { clientId } = await this.users.create(user);
    return this.toAccount((await this.accounts.find(clientId))!);
  }

  /** Throws 409 where it is not `version` any more. Disabling ends sign-ins, keys and streams for good. */
  async change(clientId: string, changes: AccountChanges, version?: string): Promise<ChangedAccount | undefined> {
    checkTimeZone(changes.timeZone);
    const changed = await this.changeLocked(clientId, async (transaction, before) => {
      if (version !== undefined && before.version !== version) {
        const message = 'Somebody changed this user meanwhile; look at it again. Nothing was changed now.';
        throw new ConflictError(message, 'USER_CHANGED');
      }
      await this.accounts.change(transaction, clientId, changes);
      const { timeZone } = changes;
      if (timeZone !== undefined) await this.quota.redate(transaction, { clientId, timeZone });
      if (changes.isActive !== false) return;
      await this.accounts.endSessions(transaction, clientId, this.clock.now());
      await this.accounts.endKeys(transaction, clientId, this.clock.now());
    });
    if (changed && changes.isActive === false) this.streams.endOf(clientId);
    return changed;
  }

  /** All runs of the user's day are given back in the ledger, so that none is paid back once more later (I18). */
  resetQuota(clientId: string): Promise<ChangedAccount | undefined> {
    return this.changeLocked(clientId, (transaction, { timeZone }) =>
      this.quota.forgiveDay(transaction, { clientId, timeZone }),
    );
  }

  /** Throws 422 for a weak one. Ends all sign-ins; keys go on. */
  async setPassword(clientId: string, password: string): Promise<boolean> {
    const user = await this.accounts.find(clientId);
    if (!user) return false;
    const problems = findPasswordProblems({ username: user.username ?? '', password });
    if (problems.length > 0) throw new InvalidInputError(problems);
    const hash = await hashPassword(password);
    const isSet = await this.database.transaction(async (transaction) => {
      // First: a sign-in with the old one waits for it, and finds it changed (ClientSessionsService.open).
      const isChanged = await this.accounts.setPasswordHash(transaction, clientId, hash);
      await this.accounts.endSessions(transaction, clientId, this.clock.now());
      return isChanged;
    });
    this.streams.endOf(clientId);
    return isSet;
  }

  async endSessions(clientId: string): Promise<number | undefined> {
    if (!(await this.accounts.find(clientId))) return undefined;
    const ended = await this.database.transaction((transaction) =>
      this.accounts.endSessions(transaction, clientId, this.clock.now()),
    );
    this.streams.endOf(clientId);
    return ended;
  }

  /** Wishes the cancel of all that waits; the ids. */
  async cancelQueued(clientId: string): Promise<string[]> {
    const wished: string[] = [];
    for (;;) {
      const queued = await this.accounts.listQueued(clientId, CANCELLED_AT_ONCE);
      if (queued.length === 0) return wished;
      for (const taskId of queued) if ((await this.cancels.cancel(taskId)).kind === 'wished') wished.push(taskId);
    }
  }

  private async addUp(clientId: string): Promise<Sums> {
    const [tasks, uploads, results] = await Promise.all([
      this.accounts.countTasks(clientId),
      this.accounts.sumUploads(clientId),
      this.accounts.sumResults(clientId),
    ]);
    return { tasks, uploads, results };
  }

  private async changeLocked(
    clientId: string,
    work: (transaction: Executor, before: Account) => Promise<void>,
  ): Promise<ChangedAccount | undefined> {
    return this.database.transaction(async (transaction) => {
      const row = await this.accounts.lock(transaction, clientId);
      if (!row) return undefined;
      const before = this.toAccount(row);
      await work(transaction, before);
      return { before, after: this.toAccount((await this.accounts.find(clientId, transaction))!) };
    });
  }

  private toAccount(row: AccountRow): Account {
    return toAccount(row, this.clock.now());
  }
}

function checkTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    const message = 'time_zone must be the name of a time zone, such as Europe/Berlin or UTC.';
    throw new InvalidInputError([{ field: 'time_zone', message }]);
  }
}
