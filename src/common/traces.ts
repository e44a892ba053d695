import { Injectable } from '@nestjs/common';
import type * as OpenTelemetry from '@opentelemetry/api';
import type { Attributes, Context, Span, SpanContext, Tracer } from '@opentelemetry/api';
import { currentRequest, type RequestContext } from './request-context.js';

export interface TracesOptions {
  /** Where traces go, by OTLP over HTTP. */
  endpoint: string;
  serviceName: string;
}

export interface TracedStep {
  name: string;
  taskId: string;
  attributes?: Record<string, string | number>;
}

export interface TracedRequest {
  method: string;
  /** As it is declared; undefined: there is no such route. */
  route: string | undefined;
  status: number;
}

interface Opened {
  api: Pick<typeof OpenTelemetry, 'trace' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode'>;
  tracer: Tracer;
  close(): Promise<void>;
}

const TRACE_PARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/;

/**
 * Spans for OpenTelemetry. Nothing is loaded, and nothing done, until it is opened. All that happens to a task, in
 * whichever process, is one trace: its number is that of the task, so that nothing has to be carried along.
 */
@Injectable()
export class Traces {
  private opened: Opened | undefined;
  private readonly requests = new WeakMap<RequestContext, Span>();

  async open({ endpoint, serviceName }: TracesOptions): Promise<void> {
    const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    // Not registered for the whole process: whoever traces is handed this one.
    const provider = new sdk.NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url: endpoint }))],
    });
    this.opened = { api, tracer: provider.getTracer(serviceName), close: () => provider.shutdown() };
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.close();
  }

  /** `traceParent`: the header of W3C, where the caller traces too. */
  beginRequest(context: RequestContext, traceParent: unknown): void {
    if (!this.opened) return;
    const { api, tracer } = this.opened;
    const parent = typeof traceParent === 'string' ? readTraceParent(traceParent) : undefined;
    const within = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
    this.requests.set(context, tracer.startSpan('request', { kind: api.SpanKind.SERVER }, within));
  }

  endRequest(context: RequestContext | undefined, { method, route, status }: TracedRequest): void {
    const span = context && this.requests.get(context);
    if (!span || !this.opened) return;
    span.updateName(route === undefined ? method : `${method} ${route}`);
    span.setAttributes({
      'http.request.method': method,
      'http.response.status_code': status,
      ...(route === undefined ? {} : { 'http.route': route }),
      'cws.request_id': context.requestId,
    });
    if (status >= 500) span.setStatus({ code: this.opened.api.SpanStatusCode.ERROR });
    span.end();
  }

  /** The request under way is about this task: its trace is linked with the task's. */
  noteTask(taskId: string): void {
    const request = this.opened && currentRequest();
    const span = request && this.requests.get(request);
    if (!span) return;
    span.setAttribute('cws.task_id', taskId);
    const context = traceOf(taskId);
    if (context) span.addLink({ context });
  }

  /** A step on a task's way, in the trace of the task. */
  async step<T>({ name, taskId, attributes = {} }: TracedStep, work: () => Promise<T>): Promise<T> {
    if (!this.opened) return work();
    const { api, tracer } = this.opened;
    const span = tracer.startSpan(name, { attributes: stepAttributes(taskId, attributes) }, this.contextOf(taskId));
    try {
      return await work();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  }

  private contextOf(taskId: string): Context {
    const { trace, ROOT_CONTEXT } = this.opened!.api;
    const parent = traceOf(taskId);
    return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  }
}

function stepAttributes(taskId: string, attributes: Attributes): Attributes {
  return { 'cws.task_id': taskId, ...attributes };
}

function readTraceParent(header: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(header) ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true };
}

/** A task's id has as many digits as the number of a trace; undefined for one of an old installation that has not. */
function traceOf(taskId: string): SpanContext | undefined {
  const digits = taskId.replaceAll('-', '').toLowerCase();
  if (!/^[\da-f]{32}$/.test(digits)) return undefined;
  return { traceId: digits, spanId: digits.slice(16), traceFlags: 1, isRemote: true };
}
