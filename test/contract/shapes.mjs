// What of an answer or a frame is part of the contract. The distiller applies it to recordings, the replay to the
// simulator: what it leaves out (texts, times, sizes, number of progress steps) is free.

const terminal = ['execution_success', 'execution_error', 'execution_interrupted'];

/** Parses JSON as Python writes it: bare NaN and infinities become null. */
export function parseLenient(text) {
  return JSON.parse(text.replaceAll(/(?<=[[:,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, 'null'));
}

/** One line for a text frame: its type, its prompt, and what else does not depend on time. */
export function frameLabel({ type, data }) {
  const prompt = data.prompt_id ?? '';
  const words = {
    status: () => [data.status.exec_info.queue_remaining, 'sid' in data ? 'sid' : ''],
    execution_cached: () => [prompt, `[${[...(data.nodes ?? [])].sort()}]`],
    progress_state: () => [prompt, ...Object.values(data.nodes ?? {}).map((node) => `${node.node_id}:${node.state}`)],
    progress: () => [prompt, data.node],
    executing: () => [prompt, data.node === null ? 'null' : data.node, standIn(data)],
    executed: () => [prompt, data.node, standIn(data), outputShape(data.output)],
    execution_error: () => [
      prompt,
      data.node_id,
      data.node_type,
      `[${[...data.executed].sort()}]`,
      data.exception_type,
    ],
    execution_interrupted: () => [prompt, data.node_id, data.node_type, `[${[...data.executed].sort()}]`],
    feature_flags: () => Object.keys(data).sort(),
  }[type];
  return [type, ...(words ? words() : [prompt])].filter((word) => word !== '').join(' ');
}

/** A node that came up at run time names the node of the submitted graph that it works for. */
function standIn({ node, display_node }) {
  return display_node === undefined || display_node === node ? '' : `(for ${display_node})`;
}

/** One line for a binary frame, by the event type in its first four bytes. */
export function binaryLabel(eventType) {
  return `binary ${eventType}`;
}

/**
 * The frames of one client in a form that two runs can be compared by. Progress frames repeat as often as there are
 * steps before an interrupt, so a run of them keeps one of each kind, with a count. A status while a prompt executes
 * comes from somebody else's request and falls anywhere between its frames: it stands only in `remaining`. So does one
 * between the two statuses of a prompt that is taken from the queue and its start.
 */
export class FrameLog {
  items = [];
  remaining = [];
  #keys = new Map();
  #executing = false;

  /** The client has connected anew: whatever the old socket was in the middle of is over. */
  reopen() {
    this.#executing = false;
  }

  addText(message, isStrictJson) {
    const label = frameLabel(message) + (isStrictJson ? '' : ' (not strict JSON)');
    this.#addKeys(message);
    if (message.type === 'status') this.remaining.push(message.data.status.exec_info.queue_remaining);
    if (message.type === 'execution_start') this.#start();
    if (terminal.includes(message.type)) this.#executing = false;
    if (message.type !== 'status' || !this.#executing) this.#add(label);
  }

  addBinary(eventType) {
    this.#add(binaryLabel(eventType));
  }

  /** For each type of text frame the sets of keys that its data was seen with. */
  get keys() {
    return Object.fromEntries([...this.#keys].sort().map(([type, sets]) => [type, [...sets].sort()]));
  }

  get labels() {
    return this.items.map(({ label }) => label);
  }

  /** How far the log is: the number of items, and how often the last one was met. */
  get mark() {
    return [this.items.length, this.items.at(-1)?.count ?? 0];
  }

  hasReached([length, count]) {
    return this.items.length > length || (this.items.length === length && (this.items.at(-1)?.count ?? 0) >= count);
  }

  #addKeys({ type, data }) {
    const parts = {
      [type]: [data],
      ...(type === 'progress_state' && { 'progress_state.nodes': Object.values(data.nodes) }),
    };
    for (const [name, objects] of Object.entries(parts)) {
      const known = this.#keys.get(name) ?? new Set();
      for (const object of objects) known.add(Object.keys(object).sort().join(' '));
      this.#keys.set(name, known);
    }
  }

  /** A dequeued prompt repeats the last status. What came after that is somebody else's request already. */
  #start() {
    this.#executing = true;
    const first = this.items.findLastIndex(({ label }) => !label.startsWith('status ')) + 1;
    const dequeued = this.items.findLastIndex(({ label }, index) => label === this.items[index - 1]?.label);
    if (dequeued > first) this.items.splice(dequeued + 1);
  }

  #add(label) {
    const known = isProgress(label) ? this.#runItems().find((item) => item.label === label) : undefined;
    if (known) known.count += 1;
    else this.items.push({ label, count: 1 });
  }

  #runItems() {
    const before = this.items.findLastIndex(({ label }) => !isProgress(label));
    return this.items.slice(before + 1);
  }
}

function isProgress(label) {
  return /^(progress|progress_state|binary) /.test(label);
}

/** What an HTTP answer has to have in common with the recorded one. */
export function answerShape({ method, path }, { status, headers, json, text, bytes }) {
  const contentType = headers['content-type']?.split(';')[0];
  const named = ['accept-ranges', 'content-disposition', 'content-range', 'etag', 'last-modified'];
  const shape = { status, contentType, headers: named.filter((name) => name in headers) };
  if (json !== undefined) return { ...shape, json: jsonShape(method, path, json) };
  if (bytes !== undefined) return { ...shape, magic: bytes };
  return { ...shape, text: text === '' ? 'none' : 'some' };
}

function jsonShape(method, path, json) {
  const route = path.replace(/^\/api/, '').replace(/\?.*/, '');
  if (method === 'POST' && route === '/prompt') return promptAnswerShape(json);
  if (route === '/history' || route.startsWith('/history/')) return mapValues(json, historyShape);
  if (route === '/queue') return mapValues(json, (items) => items.map((item) => item[1]));
  if (route.startsWith('/upload/')) return json;
  if (route === '/prompt') return { remaining: json.exec_info.queue_remaining };
  return { keys: Array.isArray(json) ? 'array' : Object.keys(json).sort() };
}

function promptAnswerShape(json) {
  const node_errors = mapValues(json.node_errors, (node) => ({
    class_type: node.class_type,
    dependent_outputs: [...node.dependent_outputs].sort(),
    // The server keeps a node's inputs in a set: the order of its errors changes from start to start.
    errors: node.errors.map(({ type, extra_info }) => `${type} (${Object.keys(extra_info).sort().join(', ')})`).sort(),
  }));
  const keys = Object.keys(json).sort();
  if (!json.error) return { keys, prompt_id: json.prompt_id, isFront: json.number < 0, node_errors };
  return { keys, error: json.error.type, errorKeys: Object.keys(json.error).sort(), node_errors };
}

function historyShape({ prompt, outputs, status, meta, ...rest }) {
  return {
    prompt: { prompt_id: prompt[1], extra_data: Object.keys(prompt[3]).sort(), outputs: [...prompt[4]].sort() },
    outputs: mapValues(outputs, outputShape),
    status: {
      keys: Object.keys(status).sort(),
      status_str: status.status_str,
      completed: status.completed,
      messages: status.messages.map(([type]) => type),
    },
    meta: Object.keys(meta).sort(),
    others: Object.keys(rest),
  };
}

/** What a node has shown: its keys, and for files their names. */
function outputShape(output) {
  if (output === null) return 'null';
  const words = Object.entries(output).map(([key, values]) => {
    const files = values.filter((value) => value?.filename);
    return `${key}=${files.map(({ type, subfolder, filename }) => [type, subfolder, filename].filter(Boolean).join('/'))}`;
  });
  return words.join(' ');
}

function mapValues(object, shape) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, shape(value)]));
}
