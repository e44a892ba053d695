import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AdminModule, OthersAccountsService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { readPassword } from './read-password.js';
import { withServices } from './with-services.js';

@Command({
  name: 'admin:reset-password',
  arguments: '<username>',
  description: "Gives an admin a new password, shown once, ends the account's lock and all its sign-ins.",
})
export class AdminResetPasswordCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([username = '']: string[], { passwordStdin }: { passwordStdin?: boolean }): Promise<void> {
    const { password, isGenerated } = await readPassword(passwordStdin);
    const admin = await withServices(this.settings, [AdminModule], (services) =>
      services.get(OthersAccountsService).rescuePassword(username, password),
    );
    print(`${admin.username} has a new password; all earlier sign-ins have ended.`);
    if (isGenerated) print(`Password, shown this once: ${password}`);
    if (admin.status !== 'active') print(`The account is ${admin.status}: a super_admin must make it active.`);
    if (admin.has_totp) print(`It still has its second factor; admin:reset-totp ${admin.username} removes it.`);
  }

  @Option({ flags: '--password-stdin', description: 'read the password from the standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }
}
