// Reduces recordings of a real ComfyUI server to what the contract consists of, and writes them beside this file.
// Run by hand when there are new recordings: node test/contract/distil-transcripts.mjs FOLDER
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { answerShape, FrameLog, parseLenient } from './shapes.mjs';

/** A pause before a GET that is longer than this was meant to let the server come to rest. */
const restMs = 300;

// A recording keeps only the length of an upload. Which uploads had the same bytes is known from its notes.
const uploadContents = {
  s03_runtime_error: { 6: 'corrupt' },
  s07_upload_view: { 8: 'other', 9: 'other', 17: 'mask', 18: 'mask' },
  s10_inspection: { 51: 'zeros' },
};

// Files of an earlier recording that lay in output/ and moved the numbers of the new ones.
const leftovers = {
  s10_inspection: ['t10/0_00001_.png', 't10/1_00001_.png', 't10/2_00001_.png'],
  s14_slow_consumer: ['after_00001_.png'],
};

const noConnection = 'no connection';

const folder = process.argv[2];
if (!folder) {
  console.error('Usage: node distil-transcripts.mjs FOLDER');
  process.exit(1);
}
const target = path.join(import.meta.dirname, 'transcripts');
mkdirSync(target, { recursive: true });
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const scenario = path.basename(file, '.json');
  const distilled = distil(scenario, JSON.parse(withNames(readFileSync(path.join(folder, file), 'utf8'))));
  const text = await format(JSON.stringify(distilled), { ...(await resolveConfig(target)), parser: 'json' });
  if (/\/srv\/|\b1[78]\d{11}\b|traceback \(/i.test(text))
    throw new Error(`${scenario} still has something of the recording machine`);
  writeFileSync(path.join(target, file), text);
}

/** Gives the ids of a recording short names that do not change when it is recorded again. */
function withNames(text) {
  const prompts = new Map();
  const clients = new Map();
  const nameOf = (names, prefix) => (id) => {
    if (!names.has(id)) names.set(id, `${prefix}${names.size + 1}`);
    return names.get(id);
  };
  return text
    .replaceAll(/\b[A-Za-z]+-[0-9a-f]{32}\b/g, nameOf(clients, 'client-'))
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (id) => nameOf(prompts, 'p')(id))
    .replaceAll(/127\.0\.0\.1:\d+/g, '{host}')
    .replaceAll(/ComfyUI_temp_[a-z]{5}_/g, 'ComfyUI_temp_xxxxx_');
}

function distil(scenario, [about, ...entries]) {
  const logs = new Map();
  const answers = new Map(entries.filter(isAnswer).map((entry) => [entry.n, entry]));
  const steps = [];
  let lastMs = 0;
  for (const [index, entry] of entries.entries()) {
    const step = stepOf(entry, answers, uploadContents[scenario]);
    if (step) {
      const awaits = Object.fromEntries([...logs].map(([client, log]) => [client, log.mark]));
      const paused = step.request?.method === 'GET' && entry.t_ms - lastMs > restMs;
      const rests = paused || step.answer === noConnection || (step.connect && meetsIdleServer(entries.slice(index)));
      steps.push({ ...step, awaits, ...(rests && { rests: true }) });
      if (step.connect) logs.get(step.connect)?.reopen();
    } else {
      const unrecorded = unrecordedPrompt(entry, entries);
      // It was sent before the two statuses that precede its start.
      if (unrecorded)
        steps.push({ ...unrecorded, awaits: { [entry.client]: [logs.get(entry.client).mark[0] - 2, 1] } });
      keepFrame(entry, logs);
    }
    if (entry.kind !== 'note') lastMs = entry.t_ms;
  }
  const frames = Object.fromEntries([...logs].map(([client, log]) => [client, log.labels]));
  const remaining = Object.fromEntries([...logs].map(([client, log]) => [client, log.remaining]));
  const keys = Object.fromEntries([...logs].map(([client, log]) => [client, log.keys]));
  const before = leftovers[scenario] && { leftovers: leftovers[scenario] };
  return { scenario, about: about.text, ...before, steps, frames, remaining, keys };
}

/** Whether the socket that is opened here was told that nothing is queued: the recording had waited for that. */
function meetsIdleServer([opened, ...later]) {
  const first = later.find((entry) => entry.client === opened.client && entry.message);
  return first?.message.data.status?.exec_info.queue_remaining === 0;
}

/** A prompt whose frames were recorded and its request not; what was asked for is known from the history. */
function unrecordedPrompt({ client, message }, entries) {
  const promptId = message?.type === 'execution_start' ? message.data.prompt_id : undefined;
  const isPosted = ({ request }) => request?.body?.json?.prompt_id === promptId;
  const isAnswered = ({ response }) => response?.body?.json?.prompt_id === promptId;
  if (!promptId || entries.some((entry) => isPosted(entry) || isAnswered(entry))) return undefined;
  const found = entries.find(({ response }) => response?.body?.json?.[promptId]?.prompt);
  if (!found) throw new Error(`Nothing tells what ${client} asked for in ${promptId}`);
  const [, , prompt, { client_id }] = found.response.body.json[promptId].prompt;
  const json = { prompt, client_id, prompt_id: promptId };
  return { note: 'not recorded', isUnrecorded: true, request: { method: 'POST', path: '/prompt', json } };
}

function isAnswer(entry) {
  return entry.kind === 'http' && entry.direction === 'server->client';
}

function stepOf(entry, answers, contents = {}) {
  if (entry.kind === 'note') return noteStep(entry.text, answers);
  if (entry.direction !== 'client->server') return undefined;
  if (entry.kind === 'http') return requestStep(entry, answers.get(entry.n), contents[entry.n]);
  if (entry.event === 'open') return { connect: entry.client, path: entry.path };
  if (entry.event) return { disconnect: entry.client, isAbrupt: entry.event.startsWith('abort') };
  return { say: entry.client, message: entry.message };
}

/** What the notes say was done to the server, its disk or a raw socket; other notes only explain. */
function noteStep(note, answers) {
  if (/server log|process alive/.test(note)) return undefined;
  const removed = /^deleted (\{.*\}) on disk/.exec(note);
  const heard = /^messages (\w+) has [^[]*(\[.*\])/.exec(note);
  if (note.startsWith('kill -9')) return { note, server: 'kill' };
  if (note === 'server start requested') return { note, server: 'start' };
  if (/^\([a-e]\) /.test(note))
    return { note, server: 'replace', cache: note.includes('--cache-none') ? 'none' : 'classic' };
  if (removed) return { note, removes: JSON.parse(removed[1].replaceAll("'", '"')) };
  if (heard) return { note, heard: { client: heard[1], frames: JSON.parse(heard[2].replaceAll("'", '"')).length } };
  if (note.startsWith('SLOW connected')) return { note, connect: 'SLOW', path: '/ws?clientId=slow', isDeaf: true };
  if (note.startsWith('SLOW closed')) return { note, disconnect: 'SLOW', isAbrupt: true };
  // Only the first prompt was kept whose history came late; its number tells how many had run before it.
  if (note === 'first miss:') return { note, warmUp: [...answers.values()][0].response.body.json.number };
  return { note };
}

function requestStep({ request }, answer, content) {
  const { method, path: requestPath, headers, body, note } = request;
  const kept = Object.entries(headers ?? {}).filter(([name]) => name !== 'Content-Type');
  const sent = {
    method,
    path: requestPath,
    ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
    ...bodyOf(body, content),
  };
  return {
    request: sent,
    ...(note && { note }),
    answer: answer?.response ? shapeOf(request, answer.response) : noConnection,
  };
}

function bodyOf(body, content = 'first') {
  if (!body?.multipart) return body;
  const parts = Object.entries(body.multipart).map(([name, part]) => {
    return [name, typeof part === 'string' ? part : { filename: asSent(part.filename), content }];
  });
  return { form: Object.fromEntries(parts) };
}

/** The recording client, unlike fetch, wrote a slash in a file name as %2F. */
function asSent(filename) {
  return filename.replaceAll('/', '%2F');
}

function shapeOf(request, { status, headers, body = {} }) {
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const isJson = lowerCase['content-type']?.startsWith('application/json');
  const json = body.json ?? (isJson ? parseLenient(body.text) : undefined);
  return answerShape(request, {
    status,
    headers: lowerCase,
    json,
    text: body.text,
    bytes: body.binary?.first16_hex.slice(0, 6),
  });
}

function keepFrame(entry, logs) {
  if (entry.kind !== 'ws' || entry.direction !== 'server->client' || entry.event) return;
  if (!logs.has(entry.client)) logs.set(entry.client, new FrameLog());
  const log = logs.get(entry.client);
  if (entry.binary) log.addBinary(entry.binary.event_type);
  else log.addText(entry.message ?? parseLenient(entry.text), entry.message !== undefined);
}
