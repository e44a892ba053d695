import { createLogger, tapOf } from './logger.js';
import { withinRequest } from './request-context.js';

describe('the tap of the logger', () => {
  const open = (databaseLevel: string) => {
    const logger = createLogger({ level: 'silent', pretty: false, databaseLevel });
    return { logger, tap: tapOf(logger)! };
  };

  it('hands on lines from its level on, whatever is printed, and those of the start too', () => {
    const { logger, tap } = open('warn');
    const lines: string[] = [];
    logger.warn('early');
    tap.listen(({ text }) => lines.push((JSON.parse(text) as { msg: string }).msg));
    logger.info('too little');
    logger.child({ component: 'x' }).error('late');
    expect(lines).toEqual(['early', 'late']);
  });

  it('tells whose request a line belongs to', () => {
    const { logger, tap } = open('info');
    const addresses: (string | undefined)[] = [];
    tap.listen(({ request }) => addresses.push(request?.ipAddress));
    withinRequest({ requestId: 'r', ipAddress: '192.0.2.1', userAgent: null }, () => logger.info('in'));
    logger.info('out');
    expect(addresses).toEqual(['192.0.2.1', undefined]);
  });

  it('lets no fault of the listener through, and nothing of what is logged beside it', () => {
    const { logger, tap } = open('info');
    let calls = 0;
    tap.listen(() => {
      calls += 1;
      throw new Error('no');
    });
    logger.info('a line');
    tap.untapped.error('about the tap itself');
    expect(calls).toBe(1);
  });

  it('is not there where no level asks for it', () => {
    expect(tapOf(createLogger({ level: 'silent', pretty: false }))).toBeUndefined();
    expect(tapOf(createLogger({ level: 'silent', pretty: false, databaseLevel: 'silent' }))).toBeUndefined();
  });
});
