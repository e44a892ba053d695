/** What asking the model made of an item. */
export type AnswerChange =
  | {
      kind: 'answered';
      id: number;
      attempts: number;
      text: string;
      latencyMs: number;
      promptTokens: number | null;
      completionTokens: number | null;
      finishReason: string;
      /** Only the beginning of the text is kept, and scored. */
      isCut?: boolean;
    }
  | { kind: 'unanswered'; id: number; attempts: number; errorClass: string; message: string };

/** What scoring made of an answer. */
export type ScoreChange =
  | { kind: 'scored'; id: number; predicted: number; isTruncated: boolean }
  | { kind: 'unscored'; id: number; errorClass: string; message: string };

export type ItemChange = AnswerChange | ScoreChange;

export function isAnswerChange(change: ItemChange): change is AnswerChange {
  return change.kind === 'answered' || change.kind === 'unanswered';
}
