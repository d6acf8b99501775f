import { type DagGraph, dagGraph } from "../rules/dag-graph.ts";
import type { Queryable } from "../store/database.ts";
import { dagVersionOf } from "../store/dag.ts";
import { dagRunFacts, taskInstanceOfRuns } from "../store/dag-run.ts";
import type { DagRunLockRow } from "../store/rows.ts";
import { QueueHeads } from "./queue-heads.ts";
import { type RunEntry, runEntry } from "./run-entry.ts";

const defaultMaxInstances = 200_000;
const maxGraphs = 20_000;

/**
 * Runs that this process has seen, kept between hops. An entry is used only under the lock of its run and only if its
 * `changed` is that of the row; so it is never older than the database, whoever else works on the run.
 */
export class RunCache {
  /** Where this process last found the heads of the queues of runs. */
  readonly heads: QueueHeads;
  readonly #entries = new Map<string, RunEntry>();
  readonly #graphs = new Map<string, DagGraph>();
  readonly #maxInstances: number;
  #instances = 0;

  constructor(maxInstances = defaultMaxInstances, heads = new QueueHeads()) {
    this.#maxInstances = maxInstances;
    this.heads = heads;
  }

  /**
   * Entries of locked runs. They leave the cache and come back with `put` after the commit, so that a transaction that
   * is rolled back leaves nothing of itself behind.
   *
   * @returns entries by run id, and which of them were read from the database just now
   */
  async take(
    tx: Queryable,
    locks: readonly DagRunLockRow[],
  ): Promise<{ readonly entries: Map<string, RunEntry>; readonly fresh: ReadonlySet<string> }> {
    const entries = new Map<string, RunEntry>();
    for (const lock of locks) {
      const entry = this.#remove(lock.dag_run_id);
      if (entry?.changed === Number(lock.changed)) entries.set(lock.dag_run_id, entry);
    }
    const missing = locks.filter((lock) => !entries.has(lock.dag_run_id));
    for (const entry of await this.#read(tx, missing)) entries.set(entry.facts.dag_run_id, entry);
    return { entries, fresh: new Set(missing.map((lock) => lock.dag_run_id)) };
  }

  /** Entries of runs that are all known, without any promise that they are current. They leave the cache as with `take`. */
  takeKnown(dagRunIds: readonly string[]): Map<string, RunEntry> | undefined {
    if (!dagRunIds.every((id) => this.#entries.has(id))) return undefined;
    return new Map(
      dagRunIds.flatMap((id) => {
        const entry = this.#remove(id);
        return entry ? [[id, entry] as const] : [];
      }),
    );
  }

  put(entry: RunEntry): void {
    this.#remove(entry.facts.dag_run_id);
    this.#entries.set(entry.facts.dag_run_id, entry);
    this.#instances += entry.state.size;
    for (const oldest of this.#entries.keys()) {
      if (this.#instances <= this.#maxInstances) break;
      this.#remove(oldest);
    }
  }

  /** The entry of a run if it is here, without any promise that it is current. */
  peek(dagRunId: string): RunEntry | undefined {
    return this.#entries.get(dagRunId);
  }

  drop(dagRunId: string): void {
    this.#remove(dagRunId);
  }

  /** Graphs of DAG versions. A version never changes, so they are kept until there are too many. */
  async graphs(tx: Queryable, versionIds: readonly string[]): Promise<Map<string, DagGraph>> {
    if (this.#graphs.size > maxGraphs) this.#graphs.clear();
    const missing = [...new Set(versionIds)].filter((id) => !this.#graphs.has(id));
    for (const row of missing.length > 0 ? await dagVersionOf(tx, missing) : []) {
      this.#graphs.set(row.dag_version_id, dagGraph(row.manifest, row.manifest_hash));
    }
    return this.#graphs;
  }

  #remove(dagRunId: string): RunEntry | undefined {
    const entry = this.#entries.get(dagRunId);
    if (entry) this.#instances -= entry.state.size;
    this.#entries.delete(dagRunId);
    return entry;
  }

  async #read(tx: Queryable, locks: readonly DagRunLockRow[]): Promise<RunEntry[]> {
    if (locks.length === 0) return [];
    const ids = locks.map((lock) => lock.dag_run_id);
    const graphs = await this.graphs(
      tx,
      locks.map((lock) => lock.dag_version_id),
    );
    const facts = await dagRunFacts(tx, ids);
    const rows = Map.groupBy(await taskInstanceOfRuns(tx, ids), (row) => row.dag_run_id);
    const changed = new Map(locks.map((lock) => [lock.dag_run_id, Number(lock.changed)]));
    return facts.flatMap((fact) => {
      const graph = graphs.get(fact.dag_version_id);
      if (!graph) return [];
      const own = rows.get(fact.dag_run_id) ?? [];
      return [runEntry(fact, graph, own, changed.get(fact.dag_run_id) ?? 0)];
    });
  }
}
