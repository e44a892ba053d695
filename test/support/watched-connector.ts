import type { Settings } from '../../src/config/index.js';
import type {
  ComfyUiClient,
  ComfyUiConnector,
  ComfyUiSocket,
  ComfyUiSocketEvents,
} from '../../src/dispatch/comfyui/comfyui-client.js';
import { HttpConnector } from '../../src/dispatch/comfyui/http-connector.js';

type Call = keyof ComfyUiClient;

/** Reaches a node over the network and notes what is asked of it, in order. */
export class WatchedConnector implements ComfyUiConnector {
  readonly calls: Call[] = [];
  clientId = '';
  socket: ComfyUiSocket | undefined;

  private readonly network: HttpConnector;

  constructor(settings: Settings) {
    this.network = new HttpConnector(settings);
  }

  connect(url: string): ComfyUiClient {
    return new Proxy(this.network.connect(url), {
      get: (client, name: Call) => {
        const method = client[name].bind(client) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => {
          this.calls.push(name);
          return method(...given);
        };
      },
    });
  }

  openSocket(url: string, clientId: string, events: ComfyUiSocketEvents): ComfyUiSocket {
    this.clientId = clientId;
    return (this.socket = this.network.openSocket(url, clientId, events));
  }

  count(name: Call): number {
    return this.calls.filter((call) => call === name).length;
  }
}
