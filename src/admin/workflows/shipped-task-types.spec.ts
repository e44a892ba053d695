import { readWorkflow } from './read-workflow.js';
import { loadShippedTaskTypes } from './shipped-task-types.js';

describe('the shipped workflows', () => {
  const { taskTypes, baseDir } = loadShippedTaskTypes();
  const workflows = Object.entries(taskTypes).flatMap(([taskType, section]) =>
    Object.entries(section.workflows).map(([name, config]) => [name, taskType, config] as const),
  );

  it('are those that the pages offer, and one that needs no model', () => {
    expect(workflows.map(([name]) => name)).toEqual(['sd_basic', 'sdxl_basic', 'test_pattern', 'Wan2.1 i2v']);
  });

  it.each(workflows)('can run: %s', async (name, taskType, config) => {
    const read = await readWorkflow({ name, taskType: taskType as 'text_to_image', config }, baseDir);
    expect(read.problems).toBeUndefined();
  });
});
