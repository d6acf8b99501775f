import { byId, keyOf, type Tables } from "./tables.ts";

interface OneDag {
  readonly dag_id: string;
}

/** What is asked for in SQL, and the pause of a DAG that it may come to. */
export const requestQueries = {
  RequestTake: (tables: Tables) =>
    [...tables.requests.all()].sort((a, b) => byId(a.request_id, b.request_id)).slice(0, 1),

  RequestDone: (tables: Tables, p: { readonly request_id: string }) => {
    const done = tables.requests.some([p.request_id]);
    for (const request of done) tables.requests.delete(request);
    return done;
  },

  RequestPauseFailing: (tables: Tables, p: { readonly dag_ids: readonly string[] }) =>
    p.dag_ids.map((dag_id) => {
      const about = { run_id: null, why: null, options: {}, actor: "tidemill" };
      const request = { request_id: tables.nextId(), verb: "pause_failing", dag_id, ...about };
      tables.requests.insert(request);
      return request;
    }),

  RequestLastRuns: (tables: Tables, p: OneDag & { readonly max_runs: number }) =>
    [...tables.runsOfDag(p.dag_id)]
      .filter((run) => run.state === "success" || run.state === "failed")
      .sort(
        (a, b) => b.run_after.getTime() - a.run_after.getTime() || byId(b.dag_run_id, a.dag_run_id),
      )
      .slice(0, p.max_runs),

  DagLock: (tables: Tables, p: OneDag) => tables.dags.some([p.dag_id]),
  DagIds: (tables: Tables) => [...tables.dags.all()],
  RunFind: (tables: Tables, p: OneDag & { readonly run_id: string }) => [
    ...tables.runByName(keyOf(p.dag_id, p.run_id)),
  ],
  WakeUp: () => [],

  DagFacts: (tables: Tables, p: OneDag, now: Date) =>
    tables.dags
      .some([p.dag_id])
      .filter((dag) => dag.is_present)
      .map((dag) => ({ ...dag, ...tables.versions.get(dag.dag_version_id), now })),

  DagPause: (tables: Tables, p: OneDag & { readonly is_paused: boolean }, now: Date) => {
    const dags = tables.dags.some([p.dag_id]).filter((dag) => dag.is_paused !== p.is_paused);
    for (const dag of dags) {
      const next_run_after = p.is_paused ? dag.next_run_after : now;
      tables.dags.update(dag, { is_paused: p.is_paused, next_run_after });
    }
    return dags;
  },
};
