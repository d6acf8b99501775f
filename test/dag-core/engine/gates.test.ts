import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "@tidemill/dag-core/client";
import { createEngine } from "@tidemill/dag-core/engine";
import { testDatabase } from "../../helpers/database.ts";
import { engineConfig } from "../../helpers/engine.ts";
import { instanceStates, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

test("branches, short circuits and teardowns through a whole engine, and again after a clear", async () => {
  await using db = await testDatabase();
  let isOpen = false;
  const ran: string[] = [];
  const log = (name: string) => ({ run: () => void ran.push(name) });
  const options = { schedule: null, startDate: "2026-01-01" } as const;
  const gates = dag("gates", options, ({ task, setup, teardown, branch, shortCircuit }) => {
    const make = setup("make", log("make"));
    const way = branch("way", { after: [make], cases: ["a", "b", "c"], run: () => ["a", "b"] });
    const a = task("in_a", { when: way.is("a"), ...log("in_a") });
    task("in_b", { when: way.is("b"), ...log("in_b") });
    task("in_c", { when: way.is("c"), ...log("in_c") });
    const open = shortCircuit("open", { after: [a], run: () => isOpen });
    const last = task("last", { after: [open], triggerRule: "all_done", ...log("last") });
    teardown("unmake", { of: [make], after: [last], ...log("unmake") });
  });
  const config = engineConfig(db.url, "dags");
  const engine = createEngine({ config, role: "scheduler", dags: [gates] });
  await engine.start();
  const client = createClient({ databaseUrl: db.url, actor: "test" });
  const first = engine.events.next("dag_run.succeeded", { dagId: "gates" });
  const { runId } = await client.trigger("gates");
  await first;
  const [run] = await sql<{ dag_run_id: string }>(db.database, "select dag_run_id from dag_run");
  const id = run?.dag_run_id ?? "";
  expect(await instanceStates(db.database, id)).toEqual({
    make: "success",
    way: "success",
    in_a: "success",
    in_b: "success",
    in_c: "skipped",
    open: "success",
    last: "skipped",
    unmake: "success",
  });

  isOpen = true;
  const again = engine.events.next("dag_run.succeeded", { dagId: "gates" });
  await client.clearTasks({ dagId: "gates", runId, taskIds: ["in_c", "last"] });
  await again;
  expect(await instanceStates(db.database, id)).toMatchObject({ in_c: "skipped", last: "skipped" });

  const asked = engine.events.next("dag_run.succeeded", { dagId: "gates" });
  await client.clearTasks({ dagId: "gates", runId, taskIds: ["open"], downstream: true });
  await asked;
  expect(await instanceStates(db.database, id)).toMatchObject({ last: "success" });
  await client.close();
  await engine.stop();
  const thrice = ["make", "unmake"].flatMap((name) => [name, name, name]);
  expect(ran.toSorted()).toEqual(["in_a", "in_b", "last", ...thrice].toSorted());
  expect(await brokenInvariants(db.database)).toEqual({});
});
