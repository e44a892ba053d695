import { LaunchError } from './launch-error.js';

export interface DemoTask {
  prompt: string;
  width: number;
  height: number;
  seed: number;
}

export interface TaskProgress {
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';
  progress: number;
  error_message?: string | null;
}

/** A row of GET /admin/tasks: only its readers here decide what stands in it. */
export interface AdminTask {
  task_id: string;
  node_id?: string | null;
  created_at?: string;
  started_at?: string | null;
  completed_at?: string | null;
}

/** The service as a script sees it: the public REST interface and nothing else. */
export class DemoClient {
  private token = '';

  constructor(private readonly baseUrl: string) {}

  async signIn(username: string, password: string): Promise<void> {
    const body = new FormData();
    body.set('username', username);
    body.set('password', password);
    this.token = await this.readToken('/api/auth/login', body);
  }

  async signInAsAdmin(username: string, password: string): Promise<void> {
    this.token = await this.readToken('/admin/login', new URLSearchParams({ username, password }));
  }

  async submit(task: DemoTask): Promise<string> {
    const body = JSON.stringify({ ...task, negative_prompt: 'blurry', workflow_name: 'sd_basic' });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.call('/api/v2/tasks/text-to-image', { method: 'POST', headers, body });
    return ((await answer.json()) as { task_id: string }).task_id;
  }

  async getProgress(taskId: string): Promise<TaskProgress> {
    return (await (await this.call(`/api/v2/tasks/${taskId}/status`)).json()) as TaskProgress;
  }

  async download(taskId: string, index: number): Promise<Buffer> {
    const answer = await this.call(`/api/v2/tasks/${taskId}/download?index=${index}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  async listTasks(): Promise<AdminTask[]> {
    const answer = await this.call('/admin/tasks?limit=100&offset=0');
    return ((await answer.json()) as { tasks: AdminTask[] }).tasks;
  }

  private async readToken(path: string, body: FormData | URLSearchParams): Promise<string> {
    const answer = await this.call(path, { method: 'POST', body });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  private async call(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { ...options.headers, ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) };
    const answer = await fetch(`${this.baseUrl}${path}`, { ...options, headers });
    if (answer.ok) return answer;
    throw new LaunchError(`${options.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`);
  }
}
