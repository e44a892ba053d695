import { Inject, Injectable } from '@nestjs/common';
import type { TrialOptions, Trials } from '../../admin/index.js';
import { newId } from '../../common/index.js';
import type { WorkflowDefinition } from '../../shared/index.js';
import { COMFYUI_CONNECTOR, type ComfyUiConnector } from '../comfyui/comfyui-client.js';
import { listMissing, requirementOf, type Capabilities, type Requirement } from '../scheduling/capabilities.js';
import { buildPrompt } from '../sessions/build-prompt.js';
import { renderTestPicture } from './canary.js';

/** What admins try of a workflow, by the same rules as tasks: no task, no files, nothing kept on the node. */
@Injectable()
export class WorkflowTrials implements Trials {
  constructor(@Inject(COMFYUI_CONNECTOR) private readonly connector: ComfyUiConnector) {}

  needsOf(definition: WorkflowDefinition): Requirement {
    return requirementOf(definition, null);
  }

  listMissing(needs: Requirement, capabilities: Capabilities): readonly string[] {
    return listMissing(needs, capabilities);
  }

  async render({ nodeUrl, definition, parameters, capabilities, withinMs }: TrialOptions) {
    const client = this.connector.connect(nodeUrl);
    try {
      const prompt = { definition, parameters, capabilities, inputNames: new Map(), assignmentId: newId() };
      const picture = { graph: buildPrompt(prompt), width: 0, height: 0 };
      const { seconds, picture: made } = await renderTestPicture(client, picture, { withinMs });
      return { seconds, picture: made };
    } finally {
      await client.close();
    }
  }
}
