import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { ComfyUiClient, ComfyUiConnector, ComfyUiSocket, ComfyUiSocketEvents } from './comfyui-client.js';
import { HttpComfyUiClient } from './http-comfyui-client.js';
import { ReconnectingSocket } from './reconnecting-socket.js';

/** Reaches real nodes over the network. */
@Injectable()
export class HttpConnector implements ComfyUiConnector {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  connect(url: string): ComfyUiClient {
    return new HttpComfyUiClient(url, this.settings.nodes);
  }

  openSocket(url: string, clientId: string, events: ComfyUiSocketEvents): ComfyUiSocket {
    return new ReconnectingSocket(url, clientId, events);
  }
}
