interface Entry<T> {
  readonly atMs: number;
  readonly order: number;
  readonly item: T;
}

/** What is to happen, earliest first; of two things at one instant the one that was added first. */
export class TimeLine<T> {
  readonly #heap: Entry<T>[] = [];
  #added = 0;

  add(at: Date, item: T): void {
    const heap = this.#heap;
    heap.push({ atMs: at.getTime(), order: ++this.#added, item });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Takes what is due at an instant. */
  *takeUntil(at: Date): Generator<T> {
    for (let first = this.#heap[0]; first && first.atMs <= at.getTime(); first = this.#heap[0]) {
      this.#removeFirst();
      yield first.item;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ;) {
      const left = parent * 2 + 1;
      const child = this.#isLater(left, left + 1) ? left + 1 : left;
      if (child >= heap.length || !this.#swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  #isLater(a: number, b: number): boolean {
    const one = this.#heap[a];
    const two = this.#heap[b];
    if (!one || !two) return false;
    return one.atMs > two.atMs || (one.atMs === two.atMs && one.order > two.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    const one = this.#heap[parent];
    const two = this.#heap[child];
    if (!one || !two || !this.#isLater(parent, child)) return false;
    this.#heap[parent] = two;
    this.#heap[child] = one;
    return true;
  }
}
