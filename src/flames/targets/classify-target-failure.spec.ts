import { APIError } from 'openai';
import { type TargetError } from './chat-target.js';
import { toTargetError } from './classify-target-failure.js';
import { readCompletion } from './read-completion.js';

const now = new Date('2026-11-22T08:00:00Z');
const answered = (status: number, error: object, headers = {}) =>
  toTargetError(APIError.generate(status, { error }, undefined, new Headers(headers)), now);

describe('toTargetError', () => {
  it.each([
    ['Azure, by code', 400, { code: 'content_filter', message: 'filtered' }],
    ['Azure, by inner error', 400, { code: 'x', message: 'no', innererror: { code: 'ResponsibleAIPolicyViolation' } }],
    ['LiteLLM', 400, { code: 'content_policy_violation', message: 'no' }],
    ['DashScope', 400, { code: 'data_inspection_failed', type: 'data_inspection_failed', message: 'no' }],
    ['Zhipu', 400, { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容' }],
    ['Moonshot, by type', 400, { type: 'content_filter', message: 'high risk' }],
    ['DeepSeek, by words', 400, { type: 'invalid_request_error', message: 'Content Exists Risk' }],
    ['OpenRouter', 403, { code: 403, message: 'flagged', metadata: { reasons: ['violence'] } }],
  ])('knows the content filter of %s', (_who, status, error) => {
    expect(answered(status, error)).toMatchObject({ errorClass: 'content_filter', isRetryable: false, isFatal: false });
  });

  it.each([
    [401, 'unauthorized', true],
    [403, 'unauthorized', true],
    [402, 'unauthorized', true],
    [404, 'bad_request', true],
    [400, 'bad_request', false],
    [413, 'bad_request', false],
    [422, 'bad_request', false],
    [408, 'timeout', false],
    [429, 'rate_limited', false],
    [500, 'server_error', false],
    [503, 'server_error', false],
    [529, 'server_error', false],
  ])('makes %i a failure of the class %s', (status, errorClass, isFatal) => {
    expect(answered(status, { message: 'no' })).toMatchObject({ errorClass, isFatal });
  });

  it('fails the task where an account has no credit, although that is a 429 too', () => {
    expect(answered(429, { code: 'insufficient_quota', message: 'quota' })).toMatchObject({
      errorClass: 'unauthorized',
      isFatal: true,
    });
  });

  it('honours Retry-After of 503 too', () => {
    expect(answered(503, { message: 'busy' }, { 'retry-after': '4' })).toMatchObject({ retryAfterMs: 4_000 });
  });
});

describe('readCompletion', () => {
  const read = (body: unknown) => readCompletion(body, now);
  const failureOf = (body: unknown) => {
    try {
      return read(body);
    } catch (error) {
      return error as TargetError;
    }
  };
  const choice = (message: object | null, finish_reason: string | null = 'stop') => ({
    choices: [{ message, finish_reason }],
  });

  it('takes answers without usage, in text form, and refusals in their own field', () => {
    expect(read(choice({ content: '好' }))).toMatchObject({ text: '好', promptTokens: null, completionTokens: null });
    expect(read(JSON.stringify(choice({ content: '好' })))).toMatchObject({ text: '好' });
    expect(read(choice({ content: null, refusal: '不行' }))).toMatchObject({ text: '不行' });
  });

  it.each([
    ['the largest that the column takes', 2 ** 31 - 1, 2 ** 31 - 1],
    ['none', 0, 0],
    ['one more than the column takes', 2 ** 31, null],
    ['a negative number', -1, null],
    ['a fraction', 1.5, null],
    ['no number', NaN, null],
    ['a number without end', Infinity, null],
    ['a text', '12', null],
  ])('takes %s for a count of tokens only if it is one', (_what, told, promptTokens) => {
    const usage = { prompt_tokens: told, completion_tokens: 7 };
    expect(read({ ...choice({ content: '好' }), usage })).toMatchObject({ promptTokens, completionTokens: 7 });
  });

  it.each([[[]], ['12'], [12]])('takes an answer whose usage is %j: its tokens are not known', (usage) => {
    const unknown = { text: '好', promptTokens: null, completionTokens: null };
    expect(read({ ...choice({ content: '好' }), usage })).toMatchObject(unknown);
  });

  it.each([
    ['text', '<html>'],
    ['null', null],
    ['no choices', { choices: [] }],
    ['no message', choice(null)],
    ['an empty text', choice({ content: '  ' }, 'length')],
    ['calls of tools', choice({ content: null, tool_calls: [{}] }, 'tool_calls')],
    ['parts in place of text', choice({ content: [{ type: 'text' }] })],
  ])('calls %s malformed', (_what, body) => {
    expect(failureOf(body)).toMatchObject({ errorClass: 'malformed' });
  });

  it('knows a filter by the finish_reason, whatever text stands beside it', () => {
    expect(failureOf(choice({ content: 'half' }, 'content_filter'))).toMatchObject({ errorClass: 'content_filter' });
    expect(failureOf(choice({ content: '' }, 'sensitive'))).toMatchObject({ errorClass: 'content_filter' });
  });

  it('finds failures that routers put into answers of status 200', () => {
    expect(failureOf({ error: { code: 429, message: 'busy' } })).toMatchObject({ errorClass: 'rate_limited' });
    expect(failureOf({ error: { code: 502, message: 'down' } })).toMatchObject({ errorClass: 'server_error' });
    expect(failureOf({ error: { message: 'odd' } })).toMatchObject({ errorClass: 'server_error' });
  });
});
