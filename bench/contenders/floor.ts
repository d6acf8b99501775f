import { readFileSync } from "node:fs";
import pg from "pg";

const statement = (name: string): string =>
  readFileSync(new URL(`../sql/floor_${name}.sql`, import.meta.url), "utf8");

/** The bare statements of an engine that keeps a history: no rules, no leases, no limits. */
export class Floor {
  readonly #clients: readonly pg.Client[];

  private constructor(clients: readonly pg.Client[]) {
    this.#clients = clients;
  }

  static async open<T>(
    url: string,
    clients: number,
    use: (floor: Floor) => Promise<T>,
  ): Promise<T> {
    const all = Array.from({ length: clients }, () => new pg.Client({ connectionString: url }));
    try {
      await Promise.all(all.map((client) => client.connect()));
      const floor = new Floor(all);
      await floor.query(statement("tables"));
      return await use(floor);
    } finally {
      await Promise.all(all.map((client) => client.end()));
    }
  }

  async query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    const { rows } = await this.#first.query<R>(text, [...values]);
    return rows;
  }

  get #first(): pg.Client {
    const [first] = this.#clients;
    if (!first) throw new Error("a floor needs a connection");
    return first;
  }

  /** Makes instances with the ids from 0 and the one after the last, in runs of equal size; all but that one are ready. */
  async enqueue(count: number, runs: number): Promise<void> {
    await this.query(statement("enqueue"), [count, runs]);
  }

  /** One durable statement for each task of a chain: it ends one, writes its history, starts the next. */
  async chain(firstId: number, links: number): Promise<void> {
    const step = { name: "step", text: statement("step") };
    for (let id = firstId; id < firstId + links; id++)
      await this.#first.query({ ...step, values: [id] });
  }

  /** Every connection claims and finishes batches until nothing is ready. @returns tasks that were finished */
  async drain(batch: number): Promise<number> {
    const done = await Promise.all(this.#clients.map((client) => drainWith(client, batch)));
    return done.reduce((sum, count) => sum + count, 0);
  }
}

async function drainWith(client: pg.Client, batch: number): Promise<number> {
  const claim = { name: "claim", text: statement("claim"), values: [batch] };
  const finish = { name: "finish", text: statement("finish") };
  for (let done = 0; ;) {
    const { rows } = await client.query<{ id: string }>(claim);
    if (rows.length === 0) return done;
    const { rowCount } = await client.query({ ...finish, values: [rows.map(({ id }) => id)] });
    done += rowCount ?? 0;
  }
}
