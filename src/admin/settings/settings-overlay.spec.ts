import type { Logger } from '../../common/index.js';
import { SettingsSchema, type Settings } from '../../config/index.js';
import { SettingsOverlay } from './settings-overlay.service.js';
import type { SettingsRepository } from './settings.repository.js';

describe('settings laid over those of the file', () => {
  const logger = { info: () => undefined, error: () => undefined } as unknown as Logger;

  it('are never put back by a reading that began earlier and came later', async () => {
    const settings = SettingsSchema.parse({}) as Settings;
    let stored = '10';
    let turnsToWait = 3;
    const list = async () => {
      const row = { key: 'limits.queue', text: stored };
      stored = '20';
      // The first reading is the slow one.
      for (let turns = turnsToWait--; turns > 0; turns -= 1) await new Promise(setImmediate);
      return [row];
    };
    const overlay = new SettingsOverlay({ list } as unknown as SettingsRepository, settings, logger);
    await Promise.all([overlay.refresh(), overlay.refresh()]);
    expect(settings.limits.queue).toBe(20);
  });

  it('are read again after a reading that failed', async () => {
    const settings = SettingsSchema.parse({}) as Settings;
    let isAway = true;
    const list = () =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve([{ key: 'limits.queue', text: '7' }]);
    const overlay = new SettingsOverlay({ list } as unknown as SettingsRepository, settings, logger);
    await expect(overlay.refresh()).rejects.toThrow('away');
    isAway = false;
    await overlay.refresh();
    expect(settings.limits.queue).toBe(7);
  });
});
