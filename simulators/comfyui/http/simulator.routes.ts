import type { FaultBoard } from '../faults.js';
import type { PromptLog } from '../prompt-log.js';
import type { Route } from './router.js';

/** The control desk: arms faults and reads the simulator's own log. A real ComfyUI has nothing like it. */
export function simulatorRoutes(faults: FaultBoard, log: PromptLog): Route[] {
  return [
    { method: 'GET', path: '/simulator/log', handle: (exchange) => exchange.sendJson(log.list()) },
    { method: 'GET', path: '/simulator/faults', handle: (exchange) => exchange.sendJson(faults.list()) },
    {
      method: 'POST',
      path: '/simulator/faults',
      handle: async (exchange) => {
        try {
          faults.armFrom(await exchange.json());
          exchange.sendJson(faults.list());
        } catch (thrown) {
          exchange.sendText(400, thrown instanceof Error ? thrown.message : 'not understood');
        }
      },
    },
    {
      method: 'DELETE',
      path: '/simulator/faults',
      handle: (exchange) => {
        faults.clear();
        exchange.sendEmpty();
      },
    },
  ];
}
