import { randomInt } from 'node:crypto';
import type { NodeId, PromptGraph } from '../protocol.js';

const letters = 5;

/**
 * The random word that a node object makes up when it is created, and that the names of its previews contain. An object
 * lives as long as every next prompt has a node of the same id and class.
 */
export class InstanceNames {
  private names = new Map<string, string>();

  begin(graph: PromptGraph): void {
    const keys = Object.entries(graph).map(([nodeId, node]) => keyOf(nodeId, node.class_type));
    this.names = new Map(keys.map((key) => [key, this.names.get(key) ?? randomWord()]));
  }

  nameOf(nodeId: NodeId, className: string): string {
    const key = keyOf(nodeId, className);
    const name = this.names.get(key) ?? randomWord();
    this.names.set(key, name);
    return name;
  }

  clear(): void {
    this.names.clear();
  }
}

function keyOf(nodeId: NodeId, className: string): string {
  return `${className} ${nodeId}`;
}

function randomWord(): string {
  return Array.from({ length: letters }, () => String.fromCharCode(97 + randomInt(26))).join('');
}
