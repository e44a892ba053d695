export { HttpComfyUiClient } from './comfyui/http-comfyui-client.js';
export { DispatchModule } from './dispatch.module.js';
