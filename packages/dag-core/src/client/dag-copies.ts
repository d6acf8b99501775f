import { DatabaseClock } from "../scheduler/database-clock.ts";
import type { DagFactsRow } from "../store/client.ts";

/** A client that lives long triggers many DAGs, each with its manifest. */
const mostCopies = 1_000;

/** DAGs as they were read not long ago: whoever goes by a copy writes only where the DAG still has that version. */
export class DagCopies {
  readonly #copies = new Map<
    string,
    { readonly dag: DagFactsRow; readonly clock: DatabaseClock }
  >();

  put(dag: DagFactsRow): void {
    if (this.#copies.size >= mostCopies && !this.#copies.has(dag.dag_id)) this.#copies.clear();
    const clock = new DatabaseClock();
    clock.observe(dag.now);
    this.#copies.set(dag.dag_id, { dag, clock });
  }

  /** A copy at the present time of the database; undefined where the last look is too long ago. */
  get(dagId: string): DagFactsRow | undefined {
    const copy = this.#copies.get(dagId);
    const now = copy?.clock.now();
    return copy && now && { ...copy.dag, now };
  }
}
