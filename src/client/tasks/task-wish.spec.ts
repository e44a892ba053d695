import { requirementKey } from './task-wish.js';

describe('requirementKey', () => {
  const task = { workflowName: 'sd_basic', workflowVersion: 3, modelName: 'SD\\model.safetensors' };

  it('is the same for the same model, however its path is written', () => {
    expect(requirementKey(task)).toBe('sd_basic@3#SD/model.safetensors');
    expect(requirementKey({ ...task, modelName: 'SD/model.safetensors' })).toBe(requirementKey(task));
  });

  it('differs by version and by model', () => {
    const keys = [task, { ...task, workflowVersion: 4 }, { ...task, modelName: null }].map(requirementKey);
    expect(new Set(keys).size).toBe(3);
  });

  it('fits its column and still differs where only the end of a long path does', () => {
    const long = { ...task, workflowName: 'w'.repeat(100) };
    const keys = ['a', 'b'].map((end) => requirementKey({ ...long, modelName: 'm'.repeat(199) + end }));
    expect(keys.map((key) => key.length)).toEqual([191, 191]);
    expect(keys[0]).not.toBe(keys[1]);
  });
});
