import type { SimulatorOptions } from '../../simulators/comfyui/simulator-options.js';
import { Replay } from './replay.js';
import { Stage } from './stage.js';
import { readTranscript, transcriptNames } from './transcript.js';

// Recordings of a real ComfyUI 0.3.64, distilled by distil-transcripts.mjs; shapes.mjs says what of them must be equal.
// Beside each the options its server was started with.
const replayed: Record<string, Partial<SimulatorOptions>> = {
  s01_success: {},
  s01b_progress_and_previews: {},
  s01c_previews_with_metadata: {},
  s01d_subgraph_expansion: {},
  s02_validation_errors: {},
  s02b_coercion: {},
  s02c_v3_combo_not_validated: {},
  s03_runtime_error: {},
  s04_interrupt: {},
  s05_delete_queued: {},
  s06_same_prompt_id: {},
  s07_upload_view: {},
  s08_cached_rerun: {},
  // Its client hangs up between two steps of a prompt, and must not be overtaken by the others.
  s09_reconnect: { timeScale: 0.5 },
  s09b_stale_socket_kills_new_one: {},
  s10_inspection: {},
  s11_kill_restart: {},
  s12_two_clients: {},
  s13_poison_prompts: {},
  s14_slow_consumer: {},
  s15_cache_none: { cache: 'none' },
  s16_history_race: {},
};

/** Recordings that the simulator cannot follow yet. */
const NOT_YET: string[] = [];

describe('The replay', () => {
  it('leaves out no recording but those that it names', () => {
    const all = [
      ...['s01_success', 's01b_progress_and_previews', 's01c_previews_with_metadata', 's01d_subgraph_expansion'],
      ...['s02_validation_errors', 's02b_coercion', 's02c_v3_combo_not_validated', 's03_runtime_error'],
      ...['s04_interrupt', 's05_delete_queued', 's06_same_prompt_id', 's07_upload_view', 's08_cached_rerun'],
      ...['s09_reconnect', 's09b_stale_socket_kills_new_one', 's10_inspection', 's11_kill_restart'],
      ...['s12_two_clients', 's13_poison_prompts', 's14_slow_consumer', 's15_cache_none', 's16_history_race'],
    ];
    process.stdout.write(`Recordings that are not replayed yet: ${NOT_YET.join(', ') || 'none'}\n`);
    expect(transcriptNames().sort()).toEqual([...all].sort());
    expect([...Object.keys(replayed), ...NOT_YET].sort()).toEqual([...all].sort());
  });
});

describe.each(Object.entries(replayed))('The simulator in %s', (scenario, options) => {
  const transcript = readTranscript(scenario);
  let stage: Stage;
  let replay: Replay;

  beforeAll(async () => {
    // Four times as fast as the recording; the replay goes by what it sees and not by the clock.
    stage = new Stage({ timeScale: 0.25, ...options });
    await stage.open(transcript.leftovers);
    replay = new Replay(transcript, stage);
    await replay.run();
  });

  afterAll(async () => {
    replay.close();
    await stage.close();
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

  it('puts the same keys into its frames', () => {
    expect(replay.keys()).toEqual(transcript.keys);
  });
});
