import { parseArgs } from 'node:util';
import { modelFaults, type FaultShares } from './fault-plan.js';
import { OpenAiSimulator } from './openai-simulator.js';

const help = `A simulated OpenAI-compatible chat API: POST /v1/chat/completions, GET /v1/models.

  --port NUMBER                0 takes a free one (default 8280)
  --host ADDRESS               where to listen (default 127.0.0.1: nobody else; containers need 0.0.0.0)
  --models NAMES               with commas between (default sim-chat,sim-chat-mini,sim-judge)
  --api-key KEY                others are refused (default: any key does)
  --min-latency-ms NUMBER      each answer takes a time between the two (default 50)
  --max-latency-ms NUMBER      (default 500)
  --max-at-once NUMBER         more requests at once are answered 429
  --retry-after-seconds NUMBER told with each 429 (default 1)
  --fault NAME=SHARE           any number of times, such as --fault rate_limited=0.05; names: ${modelFaults.join(', ')}
  --seed TEXT                  another seed, other failures and latencies
  --log FILE                   a line of JSON for each request that ended
  --help                       this text

GET /sim/answers tells how often each prompt was answered. POST /sim/faults {"fault": "hang", "times": 1} arms one; null
disarms all.
`;

const text = { type: 'string' } as const;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8280' },
      host: text,
      models: text,
      'api-key': text,
      'min-latency-ms': { type: 'string', default: '50' },
      'max-latency-ms': { type: 'string', default: '500' },
      'max-at-once': text,
      'retry-after-seconds': text,
      fault: { type: 'string', multiple: true, default: [] },
      seed: text,
      log: text,
      help: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'max-at-once' | 'retry-after-seconds') => wholeNumber(`--${name}`, values[name]);
  const options = {
    ...(values.models !== undefined && { models: values.models.split(',') }),
    ...(values['api-key'] !== undefined && { apiKey: values['api-key'] }),
    minLatencyMs: wholeNumber('--min-latency-ms', values['min-latency-ms'])!,
    maxLatencyMs: wholeNumber('--max-latency-ms', values['max-latency-ms'])!,
    ...(values['max-at-once'] !== undefined && { maxAtOnce: number('max-at-once') }),
    ...(values['retry-after-seconds'] !== undefined && { retryAfterSeconds: number('retry-after-seconds') }),
    ...(values.seed !== undefined && { seed: values.seed }),
    faults: readShares(values.fault),
    logFile: values.log,
  };
  return { port: wholeNumber('--port', values.port), host: values.host, wantsHelp: values.help, options };
}

function readShares(texts: string[]): FaultShares {
  const shares: FaultShares = {};
  for (const text of texts) {
    const [name, share] = text.split('=');
    const fault = modelFaults.find((known) => known === name);
    if (!fault || !(Number(share) > 0 && Number(share) <= 1))
      throw new TypeError(`--fault needs one of ${modelFaults.join(', ')}, = and a share up to 1, not ${text}`);
    shares[fault] = Number(share);
  }
  return shares;
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d+$/.test(text)) throw new TypeError(`${option} needs a whole number, not ${text}`);
  return text === undefined ? undefined : Number(text);
}

async function main(): Promise<void> {
  const { port, host, wantsHelp, options } = readOptions();
  if (wantsHelp) return void process.stdout.write(help);
  const simulator = new OpenAiSimulator(options);
  const url = await simulator.start(port, host);
  process.stdout.write(`listening on ${url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
