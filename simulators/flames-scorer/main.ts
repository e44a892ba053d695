import { parseArgs } from 'node:util';
import { scorerFaults, ScorerSimulator } from './scorer-simulator.js';

const help = `A simulated flames-scorer: POST /score, GET /healthz, POST /classify.

  --port NUMBER        0 takes a free one (default 8290)
  --host ADDRESS       where to listen (default 127.0.0.1: nobody else; containers need 0.0.0.0)
  --latency-ms NUMBER  of each request (default 0)
  --max-length NUMBER  characters of a response that are looked at (default 4096)
  --fault NAME         ${scorerFaults.join(', ')}
  --help               this text

POST /sim/faults {"fault": "away"} sets the fault of a running one; null ends it.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8290' },
      host: { type: 'string' },
      'latency-ms': { type: 'string', default: '0' },
      'max-length': { type: 'string', default: '4096' },
      fault: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const fault = scorerFaults.find((name) => name === values.fault);
  if (values.fault !== undefined && !fault) throw new TypeError(`--fault must be one of ${scorerFaults.join(', ')}`);
  const latencyMs = wholeNumber('--latency-ms', values['latency-ms']);
  const maxLength = wholeNumber('--max-length', values['max-length']);
  const simulator = new ScorerSimulator({ fault, latencyMs, maxLength });
  const url = await simulator.start(wholeNumber('--port', values.port), values.host);
  process.stdout.write(`listening on ${url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop());
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`${option} needs a whole number, not ${text}`);
  return Number(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
