import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { AdminRole } from './admin-role.js';

export interface AdminUserRecord {
  id: string;
  username: string;
  passwordHash: string;
  displayName: string | null;
  role: AdminRole;
  status: 'active' | 'inactive' | 'locked';
  failedLogins: number;
  lockedUntil: Date | null;
}

export interface NewAdminUser {
  username: string;
  email: string;
  passwordHash: string;
  role: AdminRole;
}

/** SQL of admins' accounts. */
@Injectable()
export class AdminUsersRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async findByUsername(username: string): Promise<AdminUserRecord | undefined> {
    const [user] = await this.database.rows<AdminUserRecord>(
      `SELECT id, username, password_hash AS passwordHash, display_name AS displayName, role, status,
              failed_logins AS failedLogins, locked_until AS lockedUntil
       FROM admin_users WHERE username = ?`,
      [username],
    );
    return user;
  }

  async insert(user: NewAdminUser): Promise<void> {
    await this.database.run('INSERT INTO admin_users (username, email, password_hash, role) VALUES (?)', [
      [user.username, user.email, user.passwordHash, user.role],
    ]);
  }

  /**
   * Counts an attempt before it is tried, so that many at once are not all let through. The last one that is allowed
   * sets the lock; an old lock that ran out starts the count anew. False: locked.
   */
  async beginAttempt(id: string, maxAttempts: number, now: Date, lockedUntil: Date): Promise<boolean> {
    const changed = await this.database.run(
      // locked_until comes last and reads the count that this statement has just raised.
      `UPDATE admin_users
       SET failed_logins = IF(locked_until IS NOT NULL AND locked_until <= ?, 1, failed_logins + 1),
           locked_until = IF(failed_logins >= ?, ?, NULL)
       WHERE id = ? AND (locked_until IS NULL OR locked_until <= ?)`,
      [now, maxAttempts, lockedUntil, id, now],
    );
    return changed === 1;
  }

  async noteSignIn(id: string, ipAddress: string, now: Date): Promise<void> {
    await this.database.run(
      `UPDATE admin_users
       SET failed_logins = 0, locked_until = NULL, last_login_ip = ?, last_login_at = ?, login_count = login_count + 1
       WHERE id = ?`,
      [ipAddress, now, id],
    );
  }
}
