/** A script's view of the service: the public REST interface and nothing else. */
export class ApiClient {
  private token = '';

  constructor(readonly baseUrl: string) {}

  static async signIn(baseUrl: string, username: string, password: string): Promise<ApiClient> {
    const client = new ApiClient(baseUrl);
    const body = new FormData();
    body.set('username', username);
    body.set('password', password);
    const { access_token: token } = await client.json<{ access_token: string }>('POST', '/api/auth/login', body);
    client.token = token;
    return client;
  }

  static async signInAsAdmin(baseUrl: string, username: string, password: string): Promise<ApiClient> {
    const client = new ApiClient(baseUrl);
    const form = new URLSearchParams({ username, password });
    const { access_token: token } = await client.json<{ access_token: string }>('POST', '/admin/login', form);
    client.token = token;
    return client;
  }

  /** What a signed-in call carries, for those who speak HTTP by hand. */
  headers(): { authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const isForm = body instanceof FormData || body instanceof URLSearchParams || typeof body === 'string';
    return fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body !== undefined && !isForm ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
  }

  /** The answer's JSON; an error where it is not 2xx. */
  async json<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const response = await this.send(method, path, body, headers);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Under a key, a submit may be repeated until its answer arrives. */
  async submit(task: Record<string, unknown>, key?: string): Promise<string> {
    const { task_id: taskId } = await this.post('/api/v2/tasks/text-to-image', task, key);
    return taskId;
  }

  async reload(taskId: string, key?: string): Promise<void> {
    await this.post('/api/v2/tasks/reload', { task_id: taskId }, key);
  }

  private post(path: string, body: Record<string, unknown>, key?: string): Promise<{ task_id: string }> {
    return this.json('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });
  }

  status(taskId: string): Promise<TaskStatusAnswer> {
    return this.json<TaskStatusAnswer>('GET', `/api/v2/tasks/${taskId}/status`);
  }
}

export interface TaskStatusAnswer {
  task_id: string;
  status: string;
  progress: number;
  message: string | null;
  error_code: string | null;
  error_message: string | null;
}
