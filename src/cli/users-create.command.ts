import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AdminModule, AuditService } from '../admin/index.js';
import { ClientModule, ClientUsersService } from '../client/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { readPassword } from './read-password.js';
import { withServices } from './with-services.js';

interface UsersCreateOptions {
  nickname?: string;
  quota?: number;
  passwordStdin?: boolean;
}

@Command({
  name: 'users:create',
  arguments: '<username>',
  description: 'Makes an account for the client page; its password is generated and shown once.',
})
export class UsersCreateCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([username = '']: string[], { nickname, quota, passwordStdin }: UsersCreateOptions): Promise<void> {
    const { password, isGenerated } = await readPassword(passwordStdin);
    const user = await withServices(this.settings, [ClientModule, AdminModule], async (services) => {
      const made = await services.get(ClientUsersService).create({ username, password, nickname, quota });
      const target = { targetType: 'user', targetId: made.username };
      const after = { client_id: made.clientId, quota_limit: made.quotaLimit };
      await services.get(AuditService).record({ action: 'user.create', ...target, after });
      return made;
    });
    print(`User ${user.username} (${user.clientId}) may run ${user.quotaLimit} tasks a day.`);
    if (isGenerated) print(`Password, shown this once: ${password}`);
  }

  @Option({ flags: '--nickname <name>', description: 'the username where left out' })
  parseNickname(nickname: string): string {
    return nickname;
  }

  @Option({ flags: '--quota <n>', description: 'tasks a day; auth.default_quota where left out' })
  parseQuota(text: string): number {
    return Number(text);
  }

  @Option({ flags: '--password-stdin', description: 'read the password from the standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }
}
