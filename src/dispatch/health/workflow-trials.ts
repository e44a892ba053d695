import { Inject, Injectable } from '@nestjs/common';
import sharp from 'sharp';
import type { TrialOptions, Trials } from '../../admin/index.js';
import { Clock, ConflictError, newId } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InstallationService, PICTURE_PARAMETER, type WorkflowDefinition } from '../../shared/index.js';
import { COMFYUI_CONNECTOR, type ComfyUiClient, type ComfyUiConnector } from '../comfyui/comfyui-client.js';
import { buildPrompt } from '../sessions/build-prompt.js';
import { markOf } from '../sessions/prompt-mark.js';
import { renderTestPicture } from './canary.js';

/** Of one process: they run beside the slots, and what they take is taken from users' tasks. */
const MOST_TRIALS = 4;
/** Its own process takes a trial off the node in time; after this much more, sessions do. */
const MARGIN_MS = 10_000;

/** What admins try of a workflow, by the same rules as tasks: no task, no file of ours, on the node but the one picture that goes in. */
@Injectable()
export class WorkflowTrials implements Trials {
  /** Addresses of the nodes that are trying one. */
  private readonly running = new Set<string>();

  constructor(
    @Inject(COMFYUI_CONNECTOR) private readonly connector: ComfyUiConnector,
    private readonly installation: InstallationService,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async render(options: TrialOptions) {
    const { nodeUrl } = options;
    if (this.running.has(nodeUrl)) throw isTrying();
    if (this.running.size >= MOST_TRIALS) {
      throw new ConflictError(
        `${MOST_TRIALS} trials are running, and no more at once; wait for one.`,
        'TRIALS_RUNNING',
      );
    }
    this.running.add(nodeUrl);
    const client = this.connector.connect(nodeUrl);
    try {
      return await this.renderOn(client, options);
    } finally {
      this.running.delete(nodeUrl);
      await client.close();
    }
  }

  private async renderOn(
    client: ComfyUiClient,
    { definition, parameters, capabilities, withinMs }: TrialOptions,
  ): Promise<{ seconds: number; picture: string }> {
    const installation = await this.installation.getId();
    await requireNone(client, installation);
    const promptId = newId();
    const inputNames = await sendPictures(client, definition);
    const graph = buildPrompt({ definition, parameters, capabilities, inputNames, assignmentId: promptId });
    const trialUntilMs = this.clock.now().getTime() + withinMs + MARGIN_MS;
    const mark = { installation, assignment: promptId, trialUntilMs };
    const { maxOutputBytes: maxBytes } = this.settings.nodes;
    const picture = { graph, width: 0, height: 0 };
    const { seconds, picture: made } = await renderTestPicture(client, picture, { withinMs, mark, maxBytes });
    return { seconds, picture: made };
  }
}

/** In the place of the user's picture one of ours, the same each time; by parameter, as the node names it. */
async function sendPictures(
  client: ComfyUiClient,
  { taskType, parameters }: WorkflowDefinition,
): Promise<Map<string, string>> {
  const takesOne = taskType === 'image_to_video' && parameters.some(({ name }) => name === PICTURE_PARAMETER);
  if (!takesOne) return new Map();
  const bytes = await sharp({ create: { width: 512, height: 512, channels: 3, background: '#7a8fa6' } })
    .png()
    .toBuffer();
  const { filename, subfolder } = await client.uploadImage({ fileName: 'trial.png', subfolder: 'cws', bytes });
  return new Map([[PICTURE_PARAMETER, subfolder ? `${subfolder}/${filename}` : filename]]);
}

/** The node knows of trials that other processes sent. */
async function requireNone(client: ComfyUiClient, installation: string): Promise<void> {
  const { running, pending } = await client.queue();
  const marks = [...running, ...pending].map(({ extraData }) => markOf(extraData));
  if (marks.some((mark) => mark?.installation === installation && 'trialUntilMs' in mark)) throw isTrying();
}

function isTrying(): ConflictError {
  return new ConflictError('The node is trying a workflow already; wait for its end.', 'TRIAL_RUNNING');
}
