import { draftOf } from './template-definition.js';
import type { TemplateRecord } from './workflow-templates.repository.js';

describe('the draft of a template', () => {
  it.each([
    ['holds no graph', '{"graph": null, "parameters": []}'],
    ['holds settings of an older program', '{"steps": 20}'],
    ['is empty', null],
  ])('has no nodes yet where its row %s', (_, draft) => {
    const row = { name: 'old', taskType: 'text_to_image', isEnabled: 1, estimatedTime: 30, draft };
    expect(draftOf(row as unknown as TemplateRecord)).toMatchObject({ name: 'old', graph: {}, parameters: [] });
  });
});
