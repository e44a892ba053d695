import type { InstallationService } from '../../shared/index.js';
import type { BlobStore } from '../../storage/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import { InputGoneError, InputUploads } from './input-uploads.js';
import { causeOfUnsent } from './post-prompt.js';

const picture = { name: 'image', type: 'string' as const, value: '"a.png"', fileHash: 'a'.repeat(64) };

function uploadsFrom(openingFails: string, claimStore = () => Promise.resolve()): InputUploads {
  const open = () => Promise.reject(Object.assign(new Error(openingFails), { code: openingFails }));
  return new InputUploads(
    {} as ComfyUiClient,
    { open } as unknown as BlobStore,
    { claimStore } as unknown as InstallationService,
  );
}

describe('a picture that our storage does not give', () => {
  it('is gone where the storage is well, which ends the attempt', async () => {
    const error: unknown = await uploadsFrom('ENOENT')
      .send([picture])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputGoneError);
    expect(causeOfUnsent(error, { isLastTry: false })).toMatchObject({ kind: 'input_gone' });
  });

  it('I20 is waited for where the storage has other trouble, or is not there at all', async () => {
    await expect(uploadsFrom('EIO').send([picture])).rejects.toThrow('EIO');
    const notMounted = () => Promise.reject(new Error('not mounted'));
    const error: unknown = await uploadsFrom('ENOENT', notMounted)
      .send([picture])
      .catch((thrown: unknown) => thrown);
    expect(() => causeOfUnsent(error, { isLastTry: true })).toThrow('not mounted');
  });
});
