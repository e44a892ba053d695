import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Clock, SecretBox, UnauthorizedError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';

const LIFETIME_SECONDS = 60;
const PURPOSE = 'flames-events';

export class FlamesEventTokenView {
  @ApiProperty({ type: String, example: 'v1.q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ…' }) token: string;
  @ApiProperty({ type: 'integer', example: LIFETIME_SECONDS, description: 'Seconds.' }) expires_in: number;
}

/**
 * Tokens for addresses, which end up in logs: they open streams of progress, and nothing else, for one minute. Sealed in
 * them is the sign-in that asked for it, so that a stream can be ended with that sign-in.
 */
@Injectable()
export class FlamesEventTokensService {
  private readonly box: SecretBox;

  constructor(
    private readonly clock: Clock,
    @Inject(SETTINGS) { secrets }: Settings,
  ) {
    this.box = new SecretBox(secrets.encryptionKey);
  }

  issue(authorization: string): FlamesEventTokenView {
    const until = this.clock.now().getTime() + LIFETIME_SECONDS * 1_000;
    return { token: this.box.seal(`${until} ${authorization}`, PURPOSE), expires_in: LIFETIME_SECONDS };
  }

  /** The header of the sign-in behind a fresh token; throws 401 for any other. */
  read(token: string): string {
    const text = this.open(token);
    const space = text.indexOf(' ');
    if (space > 0 && Number(text.slice(0, space)) > this.clock.now().getTime()) return text.slice(space + 1);
    throw new UnauthorizedError('This address has expired; ask for a new token.', 'TOKEN_EXPIRED');
  }

  private open(token: string): string {
    try {
      return this.box.open(token, PURPOSE);
    } catch {
      // Of another key, changed, or no token at all.
      return '';
    }
  }
}
