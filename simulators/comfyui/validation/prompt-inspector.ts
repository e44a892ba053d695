import { PythonError } from '../python-error.js';
import { isLink, type ErrorInfo, type NodeId, type PromptGraph } from '../protocol.js';
import { inputConfig, type Catalog, type InputConfig, type NodeClass, type NodeTable } from '../nodes/node-class.js';
import { checkValue, type InputFault } from './check-value.js';

export interface Verdict {
  valid: boolean;
  errors: ErrorInfo[];
}

interface CheckedInput {
  name: string;
  required: boolean;
  config: InputConfig;
}

/** Walks a graph upwards from an output node and judges every node it meets, once, as `validate_inputs` does. */
export class PromptInspector {
  readonly verdicts = new Map<NodeId, Verdict>();
  private readonly open = new Set<NodeId>();

  constructor(
    private readonly graph: PromptGraph,
    private readonly classes: NodeTable,
    private readonly catalog: Catalog,
  ) {}

  /** Judges an output node; an exception on the way becomes its error. */
  inspectOutput(nodeId: NodeId): Verdict {
    try {
      return this.inspect(nodeId);
    } catch (thrown) {
      const { exceptionType, message, traceback } = PythonError.from(thrown);
      const extra_info = { exception_type: exceptionType, traceback };
      return this.fail(nodeId, [
        {
          type: 'exception_during_validation',
          message: 'Exception when validating node',
          details: message,
          extra_info,
        },
      ]);
    } finally {
      this.open.clear();
    }
  }

  private inspect(nodeId: NodeId): Verdict {
    const known = this.verdicts.get(nodeId);
    if (known) return known;
    // A cycle: the server recurses until Python gives up, and then has an invalid node without a reason, too.
    if (this.open.has(nodeId)) return { valid: false, errors: [] };
    this.open.add(nodeId);

    const node = this.graph[nodeId];
    if (!node?.inputs) throw new PythonError('KeyError', "'inputs'");
    const nodeClass = this.classOf(nodeId);
    const errors: ErrorInfo[] = [];
    let upstreamValid = true;
    for (const input of this.inputsOf(nodeClass)) {
      const value = node.inputs[input.name];
      if (value === undefined) {
        if (input.required) errors.push(toErrorInfo(input, missing));
      } else if (isLink(value)) {
        const fault = this.linkFault(value, input.config);
        if (fault) errors.push(toErrorInfo(input, fault));
        else upstreamValid = this.inspectUpstream(value, input) && upstreamValid;
      } else {
        const fault = checkValue(nodeClass, input.name, input.config, node.inputs);
        if (fault) errors.push(toErrorInfo(input, fault));
      }
    }
    errors.push(...this.ownChecks(nodeClass, node.inputs));
    const verdict = { valid: upstreamValid && errors.length === 0, errors };
    this.verdicts.set(nodeId, verdict);
    return verdict;
  }

  /** Judges the node behind a link; an exception there becomes that node's error, not this one's. */
  private inspectUpstream(link: [NodeId, number], { name, config }: CheckedInput): boolean {
    try {
      return this.inspect(link[0]).valid;
    } catch (thrown) {
      const { exceptionType, message, traceback } = PythonError.from(thrown);
      const extra_info = {
        input_name: name,
        input_config: config,
        exception_message: message,
        exception_type: exceptionType,
        traceback,
        linked_node: link,
      };
      const type = 'exception_during_inner_validation';
      this.fail(link[0], [{ type, message: 'Exception when validating inner node', details: message, extra_info }]);
      return false;
    }
  }

  private linkFault(link: readonly unknown[], [type]: InputConfig): InputFault | undefined {
    if (link.length !== 2) return { ...badLink, received: link };
    const received = this.outputType(link[0], link[1]);
    if (typesMatch(received, type)) return undefined;
    return {
      type: 'return_type_mismatch',
      message: 'Return type mismatch between linked nodes',
      details: `received_type(${received}) mismatch input_type(${String(type)})`,
      extra: { received_type: received, linked_node: link },
    };
  }

  private outputType(nodeId: unknown, slot: unknown): string {
    // A number is not the key that looks like it.
    if (typeof nodeId !== 'string' || !this.graph[nodeId]) {
      throw new PythonError('KeyError', typeof nodeId === 'string' ? `'${nodeId}'` : String(nodeId));
    }
    const type = this.classOf(nodeId).output[slot as number];
    if (type === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    return type;
  }

  private ownChecks(nodeClass: NodeClass, inputs: Record<string, unknown>): ErrorInfo[] {
    return Object.entries(nodeClass.checks ?? {}).flatMap(([name, check]) => {
      const value = inputs[name];
      const complaint = value === undefined || isLink(value) ? undefined : check(value, this.catalog);
      if (complaint === undefined) return [];
      const details = `${name} - ${complaint}`;
      const message = 'Custom validation failed for node';
      return [{ type: 'custom_validation_failed', message, details, extra_info: { input_name: name } }];
    });
  }

  private inputsOf({ required, optional = {} }: NodeClass): CheckedInput[] {
    const list = (inputs: NodeClass['required'], isRequired: boolean) =>
      Object.entries(inputs).map(([name, spec]) => ({
        name,
        required: isRequired,
        config: inputConfig(spec, this.catalog),
      }));
    return [...list(required, true), ...list(optional, false)];
  }

  private classOf(nodeId: NodeId): NodeClass {
    const nodeClass = this.classes.get(this.graph[nodeId]?.class_type ?? '');
    if (!nodeClass) throw new PythonError('KeyError', `'${nodeId}'`);
    return nodeClass;
  }

  private fail(nodeId: NodeId, errors: ErrorInfo[]): Verdict {
    const verdict = { valid: false, errors };
    this.verdicts.set(nodeId, verdict);
    return verdict;
  }
}

const missing: InputFault = {
  type: 'required_input_missing',
  message: 'Required input is missing',
  withoutConfig: true,
};

const badLink: InputFault = {
  type: 'bad_linked_input',
  message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
};

function toErrorInfo({ name, config }: CheckedInput, fault: InputFault): ErrorInfo {
  const details = fault.details ? `${name}${fault.separator ?? ', '}${fault.details}` : name;
  const extra_info: ErrorInfo['extra_info'] = { input_name: name };
  if (!fault.withoutConfig) extra_info.input_config = fault.hidesConfig ? null : config;
  if ('received' in fault) extra_info.received_value = fault.received;
  return { type: fault.type, message: fault.message, details, extra_info: { ...extra_info, ...fault.extra } };
}

function typesMatch(received: string, wanted: InputConfig[0]): boolean {
  if (typeof wanted !== 'string') return false;
  if (received === '*' || wanted === '*') return true;
  const accepted = wanted.split(',');
  return received.split(',').some((type) => accepted.includes(type));
}
