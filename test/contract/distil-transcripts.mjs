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
  if (/\/srv\/|timestamp|traceback \(/i.test(text))
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
  for (const entry of entries) {
    const step = stepOf(entry, answers, uploadContents[scenario]);
    if (step) {
      const awaits = Object.fromEntries([...logs].map(([client, log]) => [client, log.mark]));
      const rests = step.request?.method === 'GET' && entry.t_ms - lastMs > restMs;
      steps.push({ ...step, awaits, ...(rests && { rests }) });
    } else {
      keepFrame(entry, logs);
    }
    if (entry.kind !== 'note') lastMs = entry.t_ms;
  }
  const frames = Object.fromEntries([...logs].map(([client, log]) => [client, log.labels]));
  const remaining = Object.fromEntries([...logs].map(([client, log]) => [client, log.remaining]));
  return { scenario, about: about.text, steps, frames, remaining };
}

function isAnswer(entry) {
  return entry.kind === 'http' && entry.direction === 'server->client';
}

function stepOf(entry, answers, contents = {}) {
  if (entry.kind === 'note' && !/server log|process alive/.test(entry.text)) return { note: entry.text };
  if (entry.direction !== 'client->server') return undefined;
  if (entry.kind === 'http') return requestStep(entry, answers.get(entry.n), contents[entry.n]);
  if (entry.event === 'open') return { connect: entry.client, path: entry.path };
  if (entry.event) return { disconnect: entry.client, isAbrupt: entry.event.startsWith('abort') };
  return { say: entry.client, message: entry.message };
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
    answer: answer?.response ? shapeOf(request, answer.response) : 'no connection',
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
  else log.addText(entry.message ?? parseLenient(entry.text));
}
