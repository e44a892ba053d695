import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { Installation, waitUntilOver } from '../../support/installation.js';

interface Span {
  name: string;
  traceId: string;
  parentSpanId?: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  links?: { traceId: string }[];
  status: { code?: number };
}

interface Sent {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Span[] }[];
  }[];
}

/** Stands for a collector: takes what is sent by OTLP over HTTP in JSON. */
class Collector {
  readonly sent: Sent[] = [];
  readonly paths = new Set<string>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      this.paths.add(request.url!);
      void json(request).then((body) => {
        this.sent.push(body as Sent);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/traces`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  get spans(): Span[] {
    return this.sent.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }
}

const attributesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

describe('traces (real: the whole application)', () => {
  it('tell of requests and of each step of a task, and link the two', async () => {
    const collector = new Collector();
    const telemetry = { otlpEndpoint: await collector.start(), serviceName: 'pictures' };
    const installation = await Installation.start([{ stepMs: 1 }], { telemetry });
    const client = await installation.signIn('alice');
    const taskId = await client.submit({ prompt: 'a cat', width: 64, height: 64 });
    await waitUntilOver(client, [taskId]);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await client.send('GET', `/api/v2/tasks/${taskId}`, undefined, {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    });
    await client.send('GET', '/api/v2/tasks', undefined, { traceparent: 'not one' });
    // A stop sends what is left.
    await installation.stop();
    await collector.stop();

    expect(collector.paths).toEqual(new Set(['/v1/traces']));
    const { resource } = collector.sent[0]!.resourceSpans[0]!;
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'pictures' } });
    const taskTrace = taskId.replaceAll('-', '');
    const steps = collector.spans.filter((span) => span.traceId === taskTrace);
    expect(new Set(steps.map(({ name }) => name))).toEqual(
      new Set(['dispatch post', 'dispatch harvest', 'dispatch settle']),
    );
    for (const span of steps) {
      expect(attributesOf(span)).toMatchObject({ 'cws.task_id': taskId, 'cws.node_id': 'sim-1', 'cws.attempt': 1 });
    }
    const submit = collector.spans.find(({ name }) => name === 'POST /api/v2/tasks/text-to-image')!;
    expect(attributesOf(submit)).toMatchObject({ 'http.response.status_code': 200, 'cws.task_id': taskId });
    expect(submit.links).toEqual([expect.objectContaining({ traceId: taskTrace })]);
    const asked = collector.spans.find((span) => span.traceId === traceId)!;
    expect(asked).toMatchObject({ name: 'GET /api/v2/tasks/:taskId', parentSpanId: 'b7ad6b7169203331' });
    expect(collector.spans.find(({ name }) => name === 'GET /api/v2/tasks')!.parentSpanId ?? '').toBe('');
  });
});
