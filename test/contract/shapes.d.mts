export interface WireFrame {
  type: string;
  data: Record<string, unknown>;
}

export interface WireAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** One of the three. */
  json?: unknown;
  text?: string;
  /** The first three bytes in hex: they tell the kind of file. */
  bytes?: string;
}

/** A position in a log: the number of items, and how often the last one was met. */
export type FrameMark = [length: number, count: number];

export declare function parseLenient(text: string): unknown;
export declare function answerShape(request: { method: string; path: string }, answer: WireAnswer): unknown;

export declare class FrameLog {
  readonly remaining: number[];
  readonly labels: string[];
  readonly keys: Record<string, string[]>;
  readonly mark: FrameMark;
  reopen(): void;
  addText(message: WireFrame, isStrictJson: boolean): void;
  addBinary(eventType: number): void;
  hasReached(mark: FrameMark): boolean;
}
