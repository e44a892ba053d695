import { inputConfig, type Catalog, type InputSpec, type NodeClass } from './node-class.js';

/** A class in the form of `GET /object_info`. */
export function describeNode(nodeClass: NodeClass, catalog: Catalog): Record<string, unknown> {
  const { required, optional, hidden, output } = nodeClass;
  const shown = (inputs: Record<string, InputSpec>) =>
    Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, describeInput(spec, catalog)]));
  const groups = { required, ...(optional && { optional }), ...(hidden && { hidden }) };
  return {
    input: { required: shown(required), ...(optional && { optional: shown(optional) }), ...(hidden && { hidden }) },
    input_order: Object.fromEntries(Object.entries(groups).map(([group, inputs]) => [group, Object.keys(inputs)])),
    output,
    output_is_list: output.map(() => false),
    output_name: nodeClass.outputNames ?? output,
    name: nodeClass.name,
    display_name: nodeClass.displayName ?? nodeClass.name,
    description: nodeClass.description ?? '',
    python_module: nodeClass.pythonModule ?? 'nodes',
    category: nodeClass.category,
    output_node: nodeClass.outputNode ?? false,
  };
}

function describeInput(spec: InputSpec, catalog: Catalog): unknown[] {
  const [type, options] = inputConfig(spec, catalog);
  return spec[1] ? [type, options] : [type];
}
