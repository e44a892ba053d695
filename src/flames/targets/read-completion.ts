import { z } from 'zod';
import { TargetError, type ChatAnswer } from './chat-target.js';
import { refusalError } from './classify-target-failure.js';

/** What is no count that fits its column is not known. */
const Tokens = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .nullish()
  .catch(null);

const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z.array(z.unknown()).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: Tokens, completion_tokens: Tokens }).nullish().catch(null),
});

/** Routers answer 200 and put the other side's failure into the body. */
const Failure = z.object({
  error: z.object({ code: z.union([z.number(), z.string()]).nullish(), message: z.string().default('an error') }),
});

/** Zhipu's word is `sensitive`. */
const FILTERED = ['content_filter', 'sensitive'];

/** Reads an answer of status 200, which may be anything; throws TargetError where it holds no text. */
export function readCompletion(body: unknown, now: Date): Omit<ChatAnswer, 'latencyMs'> {
  const value = typeof body === 'string' ? parse(body) : body;
  const parsed = Completion.safeParse(value);
  if (!parsed.success) throw failureInside(value, now);
  const { choices, usage } = parsed.data;
  const { finish_reason: finishReason, message } = choices[0]!;
  if (finishReason && FILTERED.includes(finishReason))
    throw new TargetError('content_filter', 'A content filter of the API held the answer back.');
  // A model that refuses in a field of its own has answered.
  const text = message?.content || message?.refusal;
  if (!text?.trim()) throw emptyAnswer(message?.tool_calls?.length ?? 0, finishReason);
  return {
    text,
    finishReason: finishReason ?? 'unknown',
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureInside(value: unknown, now: Date): TargetError {
  const failure = Failure.safeParse(value);
  if (!failure.success)
    return new TargetError('malformed', 'The API answered with something that is no chat completion.', {
      isRetryable: true,
    });
  const { code, message } = failure.data.error;
  const status = Number(code);
  return refusalError(
    { status: status >= 400 && status < 600 ? status : 500, code, message, error: failure.data.error },
    now,
  );
}

/** Asked again, the same model would most likely do the same, and it costs. */
function emptyAnswer(toolCalls: number, finishReason: string | null | undefined): TargetError {
  const why = toolCalls > 0 ? 'calls of tools alone' : `an empty text (finish_reason: ${finishReason ?? 'none'})`;
  return new TargetError('malformed', `The model answered with ${why}.`);
}
