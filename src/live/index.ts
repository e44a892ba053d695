export { EventStreams } from './event-streams.js';
export { LiveModule } from './live.module.js';
export { Signals, type Signal } from './signals.js';
export { encodeEvent, encodeMessage } from './sse-event.js';
export { SseStream } from './sse-stream.js';
