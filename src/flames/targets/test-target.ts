import { TargetError, type ChatTarget, type TargetErrorClass } from './chat-target.js';

export type TargetTest =
  | { isUsable: true; latencyMs: number; answer: string }
  | { isUsable: false; errorClass: TargetErrorClass; problem: string };

const PROMPT = '你好，请用一句话介绍你自己。';
const SHOWN_CHARACTERS = 200;

/** What to do about each kind of failure, in words for the person who filled in the form. */
const CURES: Record<TargetErrorClass, string> = {
  rate_limited: 'The address and the key are right, but the limit is used up at the moment. A task would wait.',
  server_error: 'The API is there, but fails; try again later.',
  timeout: 'Look whether the address is right and the model is loaded.',
  network: 'Look at the address: scheme, host, port.',
  unauthorized: 'Look at the key: it may be wrong, expired, without credit, or not allowed to use this model.',
  content_filter: 'The API holds back even a harmless question: look at its filter.',
  bad_request: 'Look at the address and at the name of the model.',
  malformed:
    'Look whether the address is that of an OpenAI-compatible chat API, and whether the model answers in text.',
  budget: 'The budget is used up.',
};

/** Asks one harmless question, so that a wrong address, key or model is known before a run. */
export async function testTarget(target: ChatTarget, model: string, signal: AbortSignal): Promise<TargetTest> {
  try {
    const { text, latencyMs } = await target.ask({ model, prompt: PROMPT }, signal);
    return { isUsable: true, latencyMs, answer: text.slice(0, SHOWN_CHARACTERS) };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { errorClass, message } = error;
    return { isUsable: false, errorClass, problem: `${message} ${CURES[errorClass]}` };
  }
}
