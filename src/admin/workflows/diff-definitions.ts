import { canonicalJson } from '../../common/index.js';
import type { WorkflowDefinition } from '../../shared/index.js';

/** A value that is not the same on both sides; null: it is not there. */
export interface ChangedValue {
  name: string;
  from: unknown;
  to: unknown;
}

export interface ChangedNode {
  node_id: string;
  class_type: string;
  inputs: ChangedValue[];
}

export interface ChangedParameter {
  name: string;
  fields: ChangedValue[];
}

/** What one definition has otherwise than another; empty lists where they are the same. */
export interface DefinitionDiff {
  is_same: boolean;
  fields: ChangedValue[];
  nodes: { added: NodeName[]; removed: NodeName[]; changed: ChangedNode[] };
  parameters: { added: string[]; removed: string[]; changed: ChangedParameter[] };
}

interface NodeName {
  node_id: string;
  class_type: string;
}

const FIELDS = {
  display_name: 'displayName',
  task_type: 'taskType',
  version_label: 'versionLabel',
  description: 'description',
  estimated_time: 'estimatedTimeSeconds',
  max_concurrent_tasks: 'maxConcurrentTasks',
  is_enabled: 'isEnabled',
} as const satisfies Record<string, keyof WorkflowDefinition>;

/** Names as the routes show them. */
const PARAMETER_FIELDS: Record<string, string> = {
  nodeId: 'node_id',
  inputName: 'input_name',
  defaultValue: 'default_value',
  isOpenToClients: 'is_open',
  isRequired: 'is_required',
  displayName: 'display_name',
};

export function diffDefinitions(from: WorkflowDefinition, to: WorkflowDefinition): DefinitionDiff {
  const fields = Object.entries(FIELDS).flatMap(([name, key]) => changed(name, from[key], to[key]));
  const nodes = diffNodes(from.graph, to.graph);
  const parameters = diffParameters(from, to);
  const counts = [fields, ...Object.values(nodes), ...Object.values(parameters)].map(({ length }) => length);
  return { is_same: counts.every((count) => count === 0), fields, nodes, parameters };
}

function diffNodes(from: WorkflowDefinition['graph'], to: WorkflowDefinition['graph']): DefinitionDiff['nodes'] {
  const nameOf = (graph: WorkflowDefinition['graph']) => (id: string) => ({
    node_id: id,
    class_type: graph[id]!.class_type,
  });
  const ids = Object.keys(from);
  const changedNodes = ids.flatMap((id): ChangedNode[] => {
    const [before, after] = [from[id]!, to[id]];
    if (!Object.hasOwn(to, id) || !after) return [];
    const inputs = [
      ...changed('class_type', before.class_type, after.class_type),
      ...diffRecords(before.inputs, after.inputs),
    ];
    return inputs.length > 0 ? [{ node_id: id, class_type: after.class_type, inputs }] : [];
  });
  return {
    added: Object.keys(to)
      .filter((id) => !Object.hasOwn(from, id))
      .map(nameOf(to)),
    removed: ids.filter((id) => !Object.hasOwn(to, id)).map(nameOf(from)),
    changed: changedNodes,
  };
}

function diffParameters(from: WorkflowDefinition, to: WorkflowDefinition): DefinitionDiff['parameters'] {
  const before = new Map(from.parameters.map((parameter) => [parameter.name, parameter]));
  const after = new Map(to.parameters.map((parameter) => [parameter.name, parameter]));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...before].flatMap(([name, parameter]): ChangedParameter[] => {
      const other = after.get(name);
      const fields = other ? diffRecords({ ...parameter }, { ...other }) : [];
      if (fields.length === 0) return [];
      return [
        { name, fields: fields.map((field) => ({ ...field, name: PARAMETER_FIELDS[field.name] ?? field.name })) },
      ];
    }),
  };
}

function diffRecords(from: Record<string, unknown>, to: Record<string, unknown>): ChangedValue[] {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...names].flatMap((name) => changed(name, from[name], to[name]));
}

function changed(name: string, from: unknown, to: unknown): ChangedValue[] {
  const [before, after] = [from ?? null, to ?? null];
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ name, from: before, to: after }];
}
