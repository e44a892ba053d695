/** Our mark on a prompt, in `extra_data.cws`: whose it is, so that strays are known after a takeover (I13). */
export interface PromptMark {
  installation: string;
  task: string;
  run: number;
  assignment: string;
  token: number;
}

/** On an admin's trial of a workflow: no attempt's, and a stray from then on, whoever was to wait for it. */
export interface TrialMark extends Pick<PromptMark, 'installation' | 'assignment'> {
  trialUntilMs: number;
}

export function markOf(extraData: Record<string, unknown>): PromptMark | TrialMark | undefined {
  const mark = extraData.cws as Partial<PromptMark> | undefined;
  return typeof mark?.installation === 'string' && typeof mark.assignment === 'string'
    ? (mark as PromptMark)
    : undefined;
}
