/** What a simulator can be told to get wrong. Worker faults strike in the middle of a prompt. */
export const faultKinds = [
  /** Worker: execution_error with torch.OutOfMemoryError. */
  'out_of_memory',
  /** Worker: execution_error with RuntimeError. */
  'execution_error',
  /** Worker: stops for ever, HTTP stays alive; only a restart helps. */
  'hang',
  /** Worker: the whole server goes away as after SIGKILL. */
  'die',
  /** Worker: cuts all websockets, the prompt goes on. */
  'drop_socket',
  /** Worker: an output node tells NaN and Infinity, in its frame and in the history. */
  'nan',
  /** Worker: the prompt ends as usual but history does not have it. */
  'lose_history',
  /** Worker: the history entry comes `delayMs` after execution_success. */
  'late_history',
  /** Worker: the history entry comes once somebody has looked for it in vain, `delayMs` later at the latest. */
  'history_race',
  /** POST /prompt: 500, nothing queued. */
  'http_500',
  /** POST /prompt: 500, and queued all the same. */
  'http_500_after_queue',
  /** POST /prompt: queued, then the connection is cut instead of an answer. */
  'drop_answer',
  /** POST /upload/image: 500, nothing stored, as on a full disk. */
  'refuse_upload',
  /** GET /view: 404, as if somebody had removed the file. */
  'lose_file',
  /** GET /view: the connection is cut after half of the file. */
  'cut_file',
  /** POST /interrupt: 200, and nothing happens. */
  'ignore_interrupt',
  /** Worker: no frame reaches any websocket any more until they are opened anew; they stay open and answer pings. */
  'deafen',
  /** Worker: the websockets of now neither send nor answer any more, and nothing closes them, as after a lost network. */
  'half_open',
  /** Any request, also for a websocket: the connection is cut before the request is looked at. */
  'refuse',
  /** Any request: looked at only after `delayMs`. */
  'slow',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  fault: FaultKind;
  /** How many times it still strikes. */
  times: number;
  delayMs: number;
  /** Limits `refuse` and `slow` to one path, e.g. `/view`. */
  path?: string;
}

const isFaultKind = (value: unknown): value is FaultKind => faultKinds.some((kind) => kind === value);

/** The faults that are armed and have not struck yet. Survives restarts: it belongs to the test, not to the server. */
export class FaultBoard {
  private armed: Fault[] = [];

  /** `onStrike` hears of every fault at the moment in which it does its harm. */
  constructor(private readonly onStrike: (fault: Fault) => void = () => undefined) {}

  arm(kind: FaultKind, { times = 1, delayMs = 1000, path }: Partial<Omit<Fault, 'fault'>> = {}): void {
    this.armed.push({ fault: kind, times, delayMs, path });
  }

  /** Arms what a control request describes; throws on anything it does not understand. */
  armFrom(request: unknown): void {
    const { fault, times, delayMs, path } = (request ?? {}) as Record<string, unknown>;
    if (!isFaultKind(fault)) throw new Error(`fault must be one of ${faultKinds.join(', ')}`);
    if (times !== undefined && !(Number.isInteger(times) && Number(times) > 0))
      throw new Error('times must be 1 or more');
    if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0))
      throw new Error('delayMs must be 0 or more');
    if (path !== undefined && typeof path !== 'string') throw new Error('path must be a string');
    this.arm(fault, { times: times as number | undefined, delayMs, path });
  }

  /** The armed fault of this kind, one strike of which is used up by asking. */
  take(kind: FaultKind, path?: string): Fault | undefined {
    const fault = this.armed.find(
      (candidate) => candidate.fault === kind && (!candidate.path || candidate.path === path),
    );
    if (!fault) return undefined;
    this.onStrike(fault);
    fault.times -= 1;
    if (fault.times === 0) this.armed = this.armed.filter((other) => other !== fault);
    return fault;
  }

  list(): Fault[] {
    return structuredClone(this.armed);
  }

  clear(): void {
    this.armed = [];
  }
}
