import { loadSettings } from './index.js';

describe('config.example.yaml', () => {
  const example = loadSettings({ environment: {}, file: 'config.example.yaml' });
  const { taskTypes: exampleTypes, ...exampleSettings } = example;

  it('names every setting with its default, so that copying it changes nothing', () => {
    const { taskTypes: _none, ...defaults } = loadSettings({ environment: {}, file: 'no such file' });
    expect(exampleSettings).toEqual(defaults);
  });

  it('shows a workflow in the format that the loader reads', () => {
    expect(exampleTypes.text_to_image?.workflows.sd_basic?.parameter_mapping.width).toEqual({
      node_id: '5',
      input_name: 'width',
      default_value: 512,
      data_type: 'int',
      description: 'Pixels, a multiple of 8',
    });
  });
});
