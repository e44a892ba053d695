import { Counter, Gauge, type Registry } from 'prom-client';

/** Something that rows, pools or the disk tell, read when somebody asks. */
export interface FactSource {
  readonly name: string;
  /** What it tells; empty again where it cannot be read. */
  readonly told: { reset(): void }[];
  /** Reads first and sets afterwards in one go, so that nobody sees half of it. */
  read(): Promise<() => void>;
}

/** The injection token of all of them. */
export const FACT_SOURCES = Symbol('fact sources');

/** Holds what is told by `FactSource`s, apart from what the process itself counts. */
export { Registry as FactRegistry } from 'prom-client';

export function gauge<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Gauge<L> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

/** For what only grows, as its owner counts it. */
export function counter<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Counter<L> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}
