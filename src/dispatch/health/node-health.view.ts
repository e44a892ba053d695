import { ApiProperty } from '@nestjs/swagger';
import { stateOf, type Breaker, type Circuit, type CircuitState } from '../../admin/index.js';

/** A7: whether a node answers. */
export class NodeProbeView {
  @ApiProperty({ example: true })
  success: boolean;

  @ApiProperty({ type: String, nullable: true, example: '0.3.64' })
  version: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error: string | null;
}

const STATES: CircuitState[] = ['closed', 'open', 'half_open'];

export class CircuitView {
  @ApiProperty({ enum: STATES })
  state: CircuitState;

  @ApiProperty({ type: String, nullable: true, example: 'OUTPUT_MISSING: a result could not be fetched.' })
  reason: string | null;

  @ApiProperty({ type: 'integer', description: 'Failures of the current window.' })
  failures: number;

  @ApiProperty({ type: 'integer', description: 'How often in a row it opened; each time it pauses for longer.' })
  trips: number;

  @ApiProperty({ type: String, nullable: true, description: 'When a test picture is tried.' })
  reopens_at: string | null;
}

export class BreakerView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ type: CircuitView })
  node: CircuitView;

  @ApiProperty({ type: Object, description: 'By workflow; those without failures are left out.' })
  workflows: Record<string, CircuitView>;
}

export class CanaryView {
  @ApiProperty({ example: true })
  success: boolean;

  @ApiProperty({ example: 'png, 512x512 in 0.4 s' })
  finding: string;
}

export function toBreakerView(nodeId: string, { node, workflows }: Breaker, nowMs: number): BreakerView {
  const entries = Object.entries(workflows).map(([name, circuit]) => [name, toCircuitView(circuit, nowMs)]);
  return {
    node_id: nodeId,
    node: toCircuitView(node, nowMs),
    workflows: Object.fromEntries(entries) as Record<string, CircuitView>,
  };
}

function toCircuitView(circuit: Circuit | undefined, nowMs: number): CircuitView {
  return {
    state: stateOf(circuit, nowMs),
    reason: circuit?.reason ?? null,
    failures: circuit?.failuresMs.length ?? 0,
    trips: circuit?.trips ?? 0,
    reopens_at: circuit?.isOpen ? new Date(circuit.turnsAtMs).toISOString() : null,
  };
}
