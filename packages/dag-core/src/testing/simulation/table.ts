/** What a transaction has changed, so that it can be taken back. */
export class Journal {
  #undo: (() => void)[] | undefined;
  #changes = 0;

  /** Grows with every change, so that one who looks after each commit can tell those that wrote nothing. */
  get changes(): number {
    return this.#changes;
  }

  begin(): void {
    this.#undo = [];
  }

  note(undo: () => void): void {
    this.#changes += 1;
    this.#undo?.push(undo);
  }

  commit(): void {
    this.#undo = undefined;
  }

  rollback(): void {
    const undo = this.#undo ?? [];
    this.#undo = undefined;
    for (const step of undo.toReversed()) step();
  }
}

interface Index<Row> {
  readonly add: (row: Row) => void;
  readonly remove: (row: Row) => void;
}

/** Rows by key, with indexes that follow each change. */
export class Table<Row extends object> {
  readonly #journal: Journal;
  readonly #keyOf: (row: Row) => string;
  readonly #rows = new Map<string, Row>();
  readonly #indexes: Index<Row>[] = [];

  constructor(journal: Journal, keyOf: (row: Row) => string) {
    this.#journal = journal;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** The rows that there are of some keys. */
  some(keys: readonly string[]): Row[] {
    return keys.flatMap((key) => this.#rows.get(key) ?? []);
  }

  all(): Iterable<Row> {
    return this.#rows.values();
  }

  /** A partial index: the rows that a condition holds for. */
  where(holds: (row: Row) => boolean): ReadonlySet<Row> {
    const rows = new Set<Row>();
    this.#indexes.push({
      add: (row) => void (holds(row) && rows.add(row)),
      remove: (row) => void rows.delete(row),
    });
    return rows;
  }

  /** An index by something that does not change about a row. */
  by(groupOf: (row: Row) => string): (group: string) => ReadonlySet<Row> {
    const groups = new Map<string, Set<Row>>();
    const none: ReadonlySet<Row> = new Set();
    this.#indexes.push({
      add: (row) => {
        const group = groupOf(row);
        groups.set(group, (groups.get(group) ?? new Set()).add(row));
      },
      remove: (row) => void groups.get(groupOf(row))?.delete(row),
    });
    return (group) => groups.get(group) ?? none;
  }

  /** The same, each group in the order of a number that does not change either. */
  sortedBy(
    groupOf: (row: Row) => string,
    orderOf: (row: Row) => number,
  ): (group: string) => readonly Row[] {
    const groups = new Map<string, Row[]>();
    this.#indexes.push({
      add: (row) => {
        const rows = groups.get(groupOf(row)) ?? [];
        const last = rows.findLastIndex((other) => orderOf(other) <= orderOf(row));
        rows.splice(last + 1, 0, row);
        groups.set(groupOf(row), rows);
      },
      remove: (row) => {
        const rows = groups.get(groupOf(row)) ?? [];
        const at = rows.lastIndexOf(row);
        if (at >= 0) rows.splice(at, 1);
      },
    });
    return (group) => groups.get(group) ?? [];
  }

  insert(row: Row): void {
    const key = this.#keyOf(row);
    if (this.#rows.has(key)) throw new Error(`There is a row with the key ${key} already`);
    this.#put(key, row);
    this.#journal.note(() => this.#drop(key, row));
  }

  update(row: Row, change: Partial<Row>): void {
    const before = { ...row };
    this.#change(row, change);
    this.#journal.note(() => this.#change(row, before));
  }

  delete(row: Row): void {
    const key = this.#keyOf(row);
    if (this.#rows.get(key) !== row) return;
    this.#drop(key, row);
    this.#journal.note(() => this.#put(key, row));
  }

  #put(key: string, row: Row): void {
    this.#rows.set(key, row);
    for (const index of this.#indexes) index.add(row);
  }

  #drop(key: string, row: Row): void {
    this.#rows.delete(key);
    for (const index of this.#indexes) index.remove(row);
  }

  #change(row: Row, change: Partial<Row>): void {
    for (const index of this.#indexes) index.remove(row);
    Object.assign(row, change);
    for (const index of this.#indexes) index.add(row);
  }
}
