import { loadSettings } from '../../config/index.js';
import { Clock, InvalidInputError } from '../../common/index.js';
import { OpenAiTargets } from './openai-targets.js';

describe('OpenAiTargets', () => {
  const settings = loadSettings({ environment: {}, file: 'no such file' });
  const targets = new OpenAiTargets(new Clock(), settings);

  it('opens public addresses, with a key as it was pasted or without one', async () => {
    for (const apiKey of ['sk-1', ' sk-1\n', ''])
      await targets.open({ apiSite: 'https://api.example.com', apiKey }).close();
  });

  it('refuses private addresses unless the settings or the caller allow them', async () => {
    const target = { apiSite: 'http://127.0.0.1:8000', apiKey: '' };
    expect(() => targets.open(target)).toThrow(InvalidInputError);
    await targets.open(target, { allowPrivate: true }).close();
    const open = new OpenAiTargets(new Clock(), {
      ...settings,
      flames: { ...settings.flames, allowPrivateTargets: true },
    });
    await open.open(target).close();
  });

  it('refuses keys that cannot stand in a header, without repeating them', () => {
    for (const apiKey of ['sk-1\nsk-2', 'sk 1', '密钥']) {
      const open = () => targets.open({ apiSite: 'https://api.example.com', apiKey });
      expect(open).toThrow(InvalidInputError);
      expect(open).not.toThrow(apiKey);
    }
  });
});
