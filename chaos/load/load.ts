import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { SeededRandom } from '../script/seeded-random.js';
import { isOver, see, type AskedTask, type Journal } from './asked-task.js';
import { FailoverClient } from './failover-client.js';
import { drawFate, liveTask } from './task-story.js';

export const USERS = Array.from({ length: 8 }, (_, index) => `user-${index + 1}`);

/** A third more than is asked of a run: there are minutes in which half of everything is down. */
const TASKS_A_SECOND = 9;
/** Beyond it clients wait, as people would: what is left at the end of the load has to end within the settle time. */
const MOST_UNDER_WAY = 1_500;
const VIDEOS = 0.1;
const PICTURES_OF_A_USER = 3;
const LOOK_FOR_DUE_MS = 50;
const LOOK_MS = 1_000;
const LIST_LENGTH = 100;
const LATE_LOOKS = 10;

interface User {
  name: string;
  client: FailoverClient;
  watcher: FailoverClient;
  /** Relative paths of uploads. */
  pictures: string[];
  tasks: AskedTask[];
}

/** Users that submit, repeat, cancel and reload, and watch what becomes of it, over HTTP and nothing else. */
export class Load {
  private readonly users: User[];
  private readonly random: SeededRandom;
  private readonly stories: Promise<void>[] = [];

  constructor(
    urls: string[],
    private readonly journal: Journal,
    seed: number,
    private readonly signal: AbortSignal,
  ) {
    this.random = new SeededRandom(seed + 1);
    const connect = () => new FailoverClient(urls, journal, this.random);
    this.users = USERS.map((name) => ({ name, client: connect(), watcher: connect(), pictures: [], tasks: [] }));
  }

  async begin(password: string): Promise<void> {
    for (const user of this.users) {
      for (const client of [user.client, user.watcher]) await client.signIn(user.name, password, this.signal);
      for (let left = PICTURES_OF_A_USER; left > 0; left -= 1) await this.upload(user);
      void this.watch(user);
    }
  }

  /** Asks for tasks until the time is over, at a steady rate however late a timer comes. */
  async run(minutes: number): Promise<void> {
    const fromMs = performance.now();
    for (let asked = 0; performance.now() < fromMs + minutes * 60_000;) {
      const due = ((performance.now() - fromMs) / 1_000) * TASKS_A_SECOND;
      for (; asked < due && this.countUnderWay() < MOST_UNDER_WAY; asked += 1)
        this.submit(this.users[asked % this.users.length]!, asked);
      await delay(LOOK_FOR_DUE_MS, undefined, { signal: this.signal });
    }
  }

  /** Until every user has had every answer and seen every end, or nothing has ended for so long. */
  async settle(patienceMs: number): Promise<void> {
    let isAnswered = false;
    void Promise.allSettled(this.stories).then(() => (isAnswered = true));
    let left = this.countUnderWay();
    let movedAtMs = performance.now();
    while (!(isAnswered && left === 0) && performance.now() < movedAtMs + patienceMs) {
      await delay(100, undefined, { signal: this.signal });
      const now = this.countUnderWay();
      if (now !== left) movedAtMs = performance.now();
      left = now;
    }
  }

  countUnderWay(): number {
    return this.journal.tasks.filter((task) => !isOver(task)).length;
  }

  clientOf(username: string): FailoverClient {
    return this.users.find(({ name }) => name === username)!.watcher;
  }

  private async upload(user: User): Promise<void> {
    const side = 64;
    const pixels = Buffer.from(Array.from({ length: side * side * 3 }, () => this.random.next() * 256));
    const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer();
    const body = () => {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(png)]), 'frame.png');
      return form;
    };
    const key = `upload-${user.name}-${user.pictures.length}`;
    const { json } = await user.client.call({ method: 'POST', path: '/api/v2/upload/image', body, key }, this.signal);
    user.pictures.push(String(json.relative_path));
  }

  private submit(user: User, number: number): void {
    const isVideo = this.random.isLucky(VIDEOS);
    const task: AskedTask = {
      key: `task-${number}`,
      username: user.name,
      type: isVideo ? 'image_to_video' : 'text_to_image',
      prompt: `picture ${number} of ${user.name}`,
      seed: number,
      side: this.random.pick([64, 96]),
      ids: [],
      seen: [],
      lookedAtMs: 0,
      reloadedAtMs: 0,
      isCancelled: false,
      reloads: { asked: 0, accepted: 0 },
    };
    this.journal.tasks.push(task);
    user.tasks.push(task);
    const image = isVideo ? this.random.pick(user.pictures) : undefined;
    const story = liveTask(task, image, drawFate(this.random), { client: user.client, signal: this.signal });
    // What was not answered is counted from the journal.
    this.stories.push(story.catch(() => undefined));
  }

  private async watch(user: User): Promise<void> {
    while (!this.signal.aborted) {
      await this.lookAt(user).catch(() => user.watcher.turn());
      await delay(LOOK_MS);
    }
  }

  /** One list a second, and the oldest of those that it does not hold any more. */
  private async lookAt({ watcher, tasks }: User): Promise<void> {
    const pending = tasks.filter((task) => task.ids.length > 0 && !isOver(task));
    if (pending.length === 0) return;
    const askedAtMs = performance.now();
    const { json } = await watcher.call({ method: 'GET', path: `/api/v2/tasks?limit=${LIST_LENGTH}` }, this.signal);
    const rows = json.tasks as { task_id: string; status: string }[];
    const statuses = new Map(rows.map(({ task_id: id, status }) => [id, status]));
    const late: AskedTask[] = [];
    for (const task of tasks) {
      const status = statuses.get(task.ids[0] ?? '');
      if (status) see(task, status, askedAtMs);
      else if (pending.includes(task)) late.push(task);
    }
    for (const task of late.slice(0, LATE_LOOKS)) {
      const atMs = performance.now();
      const { json } = await watcher.call({ method: 'GET', path: `/api/v2/tasks/${task.ids[0]}/status` }, this.signal);
      if (typeof json.status === 'string') see(task, json.status, atMs);
    }
  }
}
