import { suggestInputs } from './suggest-inputs.js';

const graph = {
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['1', 1] }, _meta: { title: 'Wish' } },
  '3': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['1', 1] } },
  '4': { class_type: 'KSampler', inputs: { seed: 5, cfg: 7, steps: 20, positive: ['2', 0], negative: ['3', 0] } },
  '5': { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'x' } },
};

describe('inputs that a parameter could set', () => {
  const parameters = [
    { name: 'steps', nodeId: '4', inputName: 'steps', type: 'int' as const, description: '', isOpenToClients: true },
  ];
  const inputs = suggestInputs(
    { graph, parameters },
    new Map([['CheckpointLoaderSimple.ckpt_name', new Set(['b.safetensors', 'a.safetensors'])]]),
  );
  const find = (node: string, input: string) =>
    inputs.find(({ node_id: id, input_name: name }) => id === node && name === input);

  it('are those that hold a value of their own, but for file prefixes', () => {
    expect(inputs.map(({ node_id: id, input_name: name }) => `${id}.${name}`)).toEqual([
      '1.ckpt_name',
      '2.text',
      '3.text',
      '4.seed',
      '4.cfg',
      '4.steps',
    ]);
  });

  it('get the names that pages use, the prompts by what a sampler takes', () => {
    expect(find('2', 'text')).toMatchObject({ suggested_name: 'prompt', title: 'Wish', type: 'string' });
    expect(find('3', 'text')).toMatchObject({ suggested_name: 'negative_prompt' });
    expect(find('4', 'cfg')).toMatchObject({ suggested_name: 'cfg_scale', type: 'float' });
    expect(find('4', 'seed')).toMatchObject({ suggested_name: 'seed', type: 'int', value: 5 });
  });

  it('tell which are set already, and what nodes offer', () => {
    expect(find('4', 'steps')).toMatchObject({ parameter: 'steps' });
    expect(find('1', 'ckpt_name')).toMatchObject({ parameter: null, choices: ['a.safetensors', 'b.safetensors'] });
  });
});
