import { checkGraph } from './check-graph.js';

const save = { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } };
const image = { class_type: 'EmptyImage', inputs: { width: 64 } };

describe('checkGraph', () => {
  it('takes a graph that can run', () => {
    expect(checkGraph({ '1': image, '2': save })).toEqual([]);
    expect(checkGraph({ '1': { ...image, inputs: { sizes: { __value__: [1, 2, 3] } } }, '2': save })).toEqual([]);
  });

  it("refuses the editor's format and says how to export", () => {
    expect(checkGraph({ nodes: [], links: [] })).toEqual([expect.stringContaining('Export (API)')]);
    expect(checkGraph([])).toEqual([expect.stringContaining('Export (API)')]);
  });

  it.each([
    ['no nodes', {}, 'holds no nodes'],
    ['a node that is none', { '1': 7, '2': save }, 'node 1 is not an object'],
    ['no class', { '1': { inputs: {} }, '2': save }, 'node 1 has no class_type'],
    // The server takes this one and never works again.
    [
      'an unconnected node without inputs',
      { '1': image, '2': save, '3': { class_type: 'Note' } },
      'node 3 has no inputs',
    ],
    ['a link to nowhere', { '2': save }, 'links to node 1, which is not there'],
    [
      'a link by number',
      { '1': image, '2': { ...save, inputs: { ...save.inputs, images: [1, 0] } } },
      'a list is a link',
    ],
    ['a bare list', { '1': { ...image, inputs: { sizes: [1, 2, 3] } }, '2': save }, 'a list is a link'],
    ['a node linked to itself', { '1': { ...image, inputs: { image: ['1', 0] } }, '2': save }, 'depends on itself'],
  ])('finds %s', (_, graph, problem) => {
    expect(checkGraph(graph)).toEqual([expect.stringContaining(problem)]);
  });

  it('finds a circle of several nodes, but none in a diamond', () => {
    const node = (...sources: string[]) => ({
      class_type: 'Mix',
      inputs: Object.fromEntries(sources.map((source, index) => [`i${index}`, [source, 0]])),
    });
    expect(checkGraph({ '1': node('2'), '2': node('3'), '3': node('1'), '4': { ...save } })).toEqual([
      expect.stringContaining('depends on itself'),
    ]);
    expect(checkGraph({ '1': image, a: node('1'), b: node('1'), c: node('a', 'b'), '2': save })).toEqual([]);
  });

  it('I15 refuses a graph whose savers cannot be given a prefix', () => {
    const linked = { ...save, inputs: { ...save.inputs, filename_prefix: ['1', 0] } };
    expect(checkGraph({ '1': image })).toEqual([expect.stringContaining('no node saves a file')]);
    expect(checkGraph({ '1': image, '2': save, '3': linked })).toEqual([expect.stringContaining('not a link')]);
    expect(
      checkGraph({ '1': image, '2': save, '3': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } } }),
    ).toEqual([expect.stringContaining('use SaveImage')]);
  });

  it('tells every problem at once', () => {
    expect(checkGraph({ '1': 7, '2': save, '3': { class_type: 'A', inputs: { a: ['9', 0] } } })).toHaveLength(2);
  });
});
