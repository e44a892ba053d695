import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { ADMIN_ROLES, AdminModule, AdminUsersService, type AdminRole } from '../admin/index.js';
import { InvalidInputError } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { readPassword } from './read-password.js';
import { withServices } from './with-services.js';

interface AdminCreateOptions {
  role?: AdminRole;
  email?: string;
  passwordStdin?: boolean;
}

@Command({
  name: 'admin:create',
  arguments: '<username>',
  description: 'Makes an account for the dashboard; its password is generated and shown once.',
})
export class AdminCreateCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([username = '']: string[], { role = 'viewer', email, passwordStdin }: AdminCreateOptions): Promise<void> {
    const { password, isGenerated } = await readPassword(passwordStdin);
    const admin = await withServices(this.settings, [AdminModule], (services) =>
      services.get(AdminUsersService).create({ username, password, role, email }),
    );
    print(`Admin ${admin.username} has the role ${admin.role}.`);
    if (isGenerated) print(`Password, shown this once: ${password}`);
  }

  @Option({ flags: '--role <role>', description: `one of ${ADMIN_ROLES.join(', ')}; viewer where left out` })
  parseRole(text: string): AdminRole {
    const role = ADMIN_ROLES.find((each) => each === text);
    if (role) return role;
    const message = `--role holds ${JSON.stringify(text)}; it may hold ${ADMIN_ROLES.join(', ')}.`;
    throw new InvalidInputError([{ field: 'role', message }]);
  }

  @Option({ flags: '--email <address>', description: 'where the admin is reached' })
  parseEmail(email: string): string {
    return email;
  }

  @Option({ flags: '--password-stdin', description: 'read the password from the standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }
}
