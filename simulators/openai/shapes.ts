import { randomUUID } from 'node:crypto';

/** Bodies in the API's own shapes. Tokens are counted roughly: a character of ours is one. */
export function completion(model: string, prompt: string, text: string) {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: text, refusal: null, annotations: [] },
    logprobs: null,
    finish_reason: 'stop',
  };
  return { ...envelope(model), choices: [choice], usage: usage(prompt.length, text.length) };
}

export function filteredCompletion(model: string, prompt: string) {
  const message = { role: 'assistant', content: '', refusal: null };
  const choice = { index: 0, message, logprobs: null, finish_reason: 'content_filter' };
  return { ...envelope(model), choices: [choice], usage: usage(prompt.length, 0) };
}

export function toolCallCompletion(model: string, prompt: string) {
  const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } };
  const message = { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
  const choice = { index: 0, message, logprobs: null, finish_reason: 'tool_calls' };
  return { ...envelope(model), choices: [choice], usage: usage(prompt.length, 8) };
}

export function emptyCompletion(model: string, prompt: string) {
  return { ...envelope(model), choices: [], usage: usage(prompt.length, 0) };
}

export function failure(message: string, type: string, code: string | null, param: string | null = null) {
  return { error: { message, type, param, code } };
}

/** What Azure answers where its filter holds a prompt back. */
export function promptFilterFailure() {
  const message =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";
  const categories = { hate: { filtered: true, severity: 'high' }, violence: { filtered: false, severity: 'safe' } };
  const innererror = { code: 'ResponsibleAIPolicyViolation', content_filter_result: categories };
  return { error: { message, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror } };
}

export function modelList(models: string[]) {
  return {
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'simulator' })),
  };
}

function envelope(model: string) {
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '').slice(0, 29)}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model,
    service_tier: 'default',
    system_fingerprint: null,
  };
}

function usage(prompt: number, answer: number) {
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}
