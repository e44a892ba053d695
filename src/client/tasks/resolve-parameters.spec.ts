import fc from 'fast-check';
import { InvalidInputError } from '../../common/index.js';
import type { ParameterType, WorkflowDefinition, WorkflowParameterDefinition } from '../../shared/index.js';
import { resolveParameters } from './resolve-parameters.js';

const DRAWN = 4711;
const drawSeed = () => DRAWN;

type Own = Partial<WorkflowParameterDefinition> & { name: string; own?: unknown };

function makeDefinition(...parameters: Own[]): WorkflowDefinition {
  const inputs = Object.fromEntries(parameters.map(({ name, own }) => [name, own]));
  return {
    name: 'w',
    displayName: 'w',
    taskType: 'text_to_image',
    versionLabel: '1.0',
    description: '',
    graph: { n: { class_type: 'C', inputs } },
    parameters: parameters.map(({ own: _, ...parameter }) => ({
      nodeId: 'n',
      inputName: parameter.name,
      type: 'int',
      description: '',
      isOpenToClients: true,
      ...parameter,
    })),
    estimatedTimeSeconds: 1,
    maxConcurrentTasks: 1,
    isEnabled: true,
  };
}

function resolved(definition: WorkflowDefinition, given: Record<string, unknown>): Record<string, unknown> {
  const parameters = resolveParameters(definition, given, drawSeed);
  return Object.fromEntries(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
}

describe('resolveParameters', () => {
  const maybe = fc.option(fc.integer(), { nil: undefined });

  it('takes the request where the workflow allows it, else the template, else the graph', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.oneof(maybe, fc.constant(null)),
        maybe,
        maybe,
        (isOpenToClients, asked, defaultValue, own) => {
          const definition = makeDefinition({ name: 'steps', isOpenToClients, defaultValue, own });
          const expected = (isOpenToClients ? asked : undefined) ?? defaultValue ?? own;
          expect(resolved(definition, { steps: asked }).steps).toBe(expected);
        },
      ),
    );
  });

  it('keeps every value that it takes as it was, whatever its type', () => {
    const values: [ParameterType, fc.Arbitrary<unknown>][] = [
      ['string', fc.string({ unit: 'binary' })],
      ['int', fc.maxSafeInteger()],
      ['float', fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)],
      ['boolean', fc.boolean()],
    ];
    for (const [type, arbitrary] of values) {
      fc.assert(
        fc.property(arbitrary, (value) => {
          expect(resolved(makeDefinition({ name: 'p', type }), { p: value })).toEqual({ p: value });
        }),
      );
    }
  });

  it('ignores what the workflow does not know, and names that every object has', () => {
    const definition = makeDefinition({ name: 'toString', type: 'string', own: 'mine' });
    expect(resolved(definition, { other: 1 })).toEqual({ toString: 'mine' });
  });

  it('names every field of a wrong type at once', () => {
    const definition = makeDefinition({ name: 'steps' }, { name: 'cfg', type: 'float' }, { name: 'width' });
    const resolve = () => resolveParameters(definition, { steps: '20', cfg: true, width: 512 }, drawSeed);
    expect(resolve).toThrow(InvalidInputError);
    expect(resolve).toThrow('steps must be a whole number. cfg must be a number.');
  });

  it.each([
    ['left out', {}, undefined, DRAWN],
    ['-1', { seed: -1 }, undefined, DRAWN],
    ['-1 by default', {}, -1, DRAWN],
    ['left out, the template having one', {}, 42, 42],
    ['given', { seed: 7 }, 42, 7],
    ['0', { seed: 0 }, -1, 0],
  ])('draws a seed only where none is named: %s', (_, given, defaultValue, expected) => {
    expect(resolved(makeDefinition({ name: 'seed', defaultValue, own: 99 }), given).seed).toBe(expected);
  });

  it('leaves an input that is a link alone', () => {
    expect(resolved(makeDefinition({ name: 'image', type: 'string', own: ['4', 0] }), {})).toEqual({});
  });

  it.each<[string, Own, Record<string, unknown>, string]>([
    ['less than the least', { name: 'steps', min: 1, own: 20 }, { steps: 0 }, 'steps must not be less than 1.'],
    ['more than the most', { name: 'steps', max: 50, own: 20 }, { steps: 51 }, 'steps must not be more than 50.'],
    ['no option', { name: 'size', options: [64, 128], own: 64 }, { size: 65 }, 'size must be one of 64, 128.'],
    [
      'left out though required',
      { name: 'steps', isRequired: true, own: 20 },
      {},
      'steps is required by this workflow.',
    ],
    [
      'null though required',
      { name: 'steps', isRequired: true },
      { steps: null },
      'steps is required by this workflow.',
    ],
  ])('refuses what is %s', (_, parameter, given, message) => {
    expect(() => resolved(makeDefinition(parameter), given)).toThrow(message);
  });

  it('takes the ends of a range, and an option under either separator', () => {
    const steps = makeDefinition({ name: 'steps', min: 1, max: 50, own: 20 });
    expect([resolved(steps, { steps: 1 }), resolved(steps, { steps: 50 })]).toEqual([{ steps: 1 }, { steps: 50 }]);
    const checkpoint = makeDefinition({ name: 'checkpoint', type: 'string', options: ['SD/a.safetensors'] });
    expect(resolved(checkpoint, { checkpoint: 'SD\\a.safetensors' })).toEqual({ checkpoint: 'SD\\a.safetensors' });
  });
});
