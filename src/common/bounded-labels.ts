/** Keeps the values of a label few, whatever names people make up: the first so many keep theirs. */
export class BoundedLabels {
  private readonly known = new Set<string>();

  constructor(private readonly most: number) {}

  limit(value: string): string {
    return this.has(value) ? value : 'other';
  }

  has(value: string): boolean {
    if (this.known.size < this.most) this.known.add(value);
    return this.known.has(value);
  }
}
