import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { AdminAccountsService, AdminModule } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print, printTable } from './output.js';
import { withServices } from './with-services.js';

const PAGE = 100;

@Command({ name: 'admin:list', description: 'Lists the accounts for the dashboard, with their roles and locks.' })
export class AdminListCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(): Promise<void> {
    const admins = await withServices(this.settings, [AdminModule], async (services) => {
      const accounts = services.get(AdminAccountsService);
      const first = await accounts.list({ limit: PAGE, offset: 0 });
      const all = [...first.admins];
      while (all.length < first.total) all.push(...(await accounts.list({ limit: PAGE, offset: all.length })).admins);
      return all;
    });
    if (admins.length === 0) return print('There is no admin; make one by admin:create <name> --role super_admin.');
    printTable(
      ['name', 'role', 'status', 'locked until', 'second factor', 'last sign-in'],
      admins.map((admin) => [
        admin.username,
        admin.role,
        admin.status,
        admin.locked_until ?? '-',
        admin.has_totp ? 'yes' : 'no',
        admin.last_login_at ?? 'never',
      ]),
    );
  }
}
