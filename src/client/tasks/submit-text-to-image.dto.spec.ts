import { createValidationPipe, type InvalidInputError } from '../../common/index.js';
import { SubmitTextToImageDto } from './submit-text-to-image.dto.js';

const pipe = createValidationPipe();

function read(body: Record<string, unknown>): Promise<SubmitTextToImageDto> {
  return pipe.transform(body, { type: 'body', metatype: SubmitTextToImageDto }) as Promise<SubmitTextToImageDto>;
}

async function wrongFields(body: Record<string, unknown>): Promise<string[]> {
  const error = await read({ prompt: 'a cat', ...body }).then(
    () => undefined,
    (thrown: InvalidInputError) => thrown,
  );
  return [...new Set(error?.errors?.map(({ field }) => field))];
}

describe('SubmitTextToImageDto', () => {
  it('takes what the deployed page sends, with its largest values', async () => {
    const body = {
      prompt: '  a cat ',
      negative_prompt: '',
      width: 1344,
      height: 1480,
      workflow_name: 'sd_basic',
      checkpoint: 'SD\\majicmixRealistic_v7.safetensors',
      seed: Number.MAX_SAFE_INTEGER,
      batch_id: 'b-1',
    };
    expect(await read(body)).toEqual({ ...body, prompt: 'a cat' });
  });

  it('takes a prompt alone, and null for left out', async () => {
    expect(await wrongFields({})).toEqual([]);
    expect(await wrongFields({ seed: null, width: null, workflow_name: null, batch_id: null })).toEqual([]);
  });

  it.each([
    [{ prompt: '   ' }, 'prompt'],
    [{ prompt: 'x'.repeat(2001) }, 'prompt'],
    [{ prompt: 7 }, 'prompt'],
    [{ width: 513 }, 'width'],
    [{ width: 56 }, 'width'],
    [{ height: 2056 }, 'height'],
    [{ width: '512' }, 'width'],
    [{ height: 512.5 }, 'height'],
    [{ seed: -2 }, 'seed'],
    [{ seed: 2 ** 53 }, 'seed'],
    [{ seed: '1' }, 'seed'],
    [{ seed: 1.5 }, 'seed'],
    [{ batch_id: 'x'.repeat(65) }, 'batch_id'],
    [{ checkpoint: '' }, 'checkpoint'],
    [{ cfg: '7' }, 'cfg'],
    [{ parameters: 'steps' }, 'parameters'],
  ])('refuses %j and names the field', async (body, field) => {
    expect(await wrongFields(body)).toEqual([field]);
  });

  it('drops fields that nobody knows', async () => {
    expect(await read({ prompt: 'a cat', is_admin: true })).not.toHaveProperty('is_admin');
  });
});
