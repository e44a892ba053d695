import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { AdminModule, OthersAccountsService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

@Command({
  name: 'admin:reset-totp',
  arguments: '<username>',
  description: "Removes an admin's second factor and its recovery codes, and ends the account's lock.",
})
export class AdminResetTotpCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([username = '']: string[]): Promise<void> {
    const admin = await withServices(this.settings, [AdminModule], (services) =>
      services.get(OthersAccountsService).rescueTotp(username),
    );
    print(`${admin.username} has no second factor; the password alone signs in.`);
    if (admin.status !== 'active') print(`The account is ${admin.status}: a super_admin must make it active.`);
  }
}
