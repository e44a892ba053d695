import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import type { SimulatorOptions } from '../../simulators/comfyui/simulator-options.js';
import { Replay, type Transcript } from './replay.js';

// Recordings of a real ComfyUI 0.3.64, distilled by distil-transcripts.mjs; shapes.mjs says what of them must be equal.
// Beside each the options its server was started with.
const scenarios: [string, Partial<SimulatorOptions>][] = [
  ['s01_success', {}],
  ['s01b_progress_and_previews', {}],
  ['s01c_previews_with_metadata', {}],
  ['s02_validation_errors', {}],
  ['s02b_coercion', {}],
  ['s04_interrupt', {}],
  ['s05_delete_queued', {}],
  ['s06_same_prompt_id', {}],
  ['s07_upload_view', {}],
  ['s09b_stale_socket_kills_new_one', {}],
  ['s12_two_clients', {}],
  ['s15_cache_none', { cache: 'none' }],
];

function readTranscript(scenario: string): Transcript {
  const file = path.join(import.meta.dirname, 'transcripts', `${scenario}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Transcript;
}

describe.each(scenarios)('The simulator in %s', (scenario, options) => {
  const transcript = readTranscript(scenario);
  let simulator: ComfySimulator;
  let replay: Replay;

  beforeAll(async () => {
    // Four times as fast as the recording; the replay goes by what it sees and not by the clock.
    simulator = new ComfySimulator({ ...options, timeScale: 0.25 });
    const { url } = await simulator.start();
    replay = new Replay(transcript, url);
    await replay.run();
  });

  afterAll(async () => {
    replay.close();
    await simulator.stop();
  });

  it('answers every request like the real server', () => {
    const part = (key: 'recorded' | 'observed') =>
      replay.exchanges.map((one) => ({ request: one.what, answer: one[key] }));
    expect(replay.exchanges).not.toHaveLength(0);
    expect(part('observed')).toEqual(part('recorded'));
  });

  it('sends every client the same frames in the same order', () => {
    expect(replay.frames()).toEqual(transcript.frames);
    expect(replay.remaining()).toEqual(transcript.remaining);
  });
});
