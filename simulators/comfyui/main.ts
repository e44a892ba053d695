import { parseArgs } from 'node:util';
import { ComfySimulator } from './comfy-simulator.js';

const help = `A simulated ComfyUI 0.3.64 node.

  --port NUMBER           0 takes a free one (default 8188)
  --host ADDRESS          where to listen (default 127.0.0.1: nobody else; containers need 0.0.0.0)
  --name NAME             name of the node (default comfyui-simulator)
  --step-ms NUMBER        duration of one sampler step in milliseconds (default 60)
  --model-load-ms NUMBER  duration of loading a model for the first time (default 0)
  --max-history NUMBER    finished prompts that the history keeps (default 10000)
  --data-dir FOLDER       holds output/, input/, temp/, prompts.jsonl and faults.jsonl (default: a temporary folder)
  --help                  this text

Faults are armed by POST /simulator/faults {"fault": "hang", "times": 1}; GET /simulator/log tells what happened.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8188' },
      host: { type: 'string' },
      name: { type: 'string' },
      'step-ms': { type: 'string' },
      'model-load-ms': { type: 'string' },
      'max-history': { type: 'string' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { port, host, name, help: wantsHelp } = values;
  const options = {
    ...(host !== undefined && { host }),
    ...(name !== undefined && { name }),
    ...(values['step-ms'] !== undefined && { stepMs: wholeNumber('--step-ms', values['step-ms']) }),
    ...(values['model-load-ms'] !== undefined && {
      modelLoadMs: wholeNumber('--model-load-ms', values['model-load-ms']),
    }),
    ...(values['max-history'] !== undefined && { maxHistory: wholeNumber('--max-history', values['max-history']) }),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
  };
  return { port: wholeNumber('--port', port), wantsHelp, options };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`${option} needs a whole number, not ${text}`);
  return Number(text);
}

async function main(): Promise<void> {
  const { port, wantsHelp, options } = readOptions();
  if (wantsHelp) {
    process.stdout.write(help);
    return;
  }
  // The status a shell reports for SIGKILL.
  const simulator = new ComfySimulator({ ...options, onDeath: () => process.exit(137) });
  const { url } = await simulator.start(port);
  process.stdout.write(`listening on ${url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
