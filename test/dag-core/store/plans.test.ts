import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import type pg from "pg";
import { keyPlans } from "../../../packages/dag-core/src/store/database.ts";
import { sectionsOf } from "../../../packages/dag-core/src/store/sql.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { plainDag, register } from "../../helpers/factory.ts";

const folder = new URL("../../../packages/dag-core/sql/queries/", import.meta.url);
const queries = new Map(
  readdirSync(folder)
    .flatMap((file) => sectionsOf(readFileSync(new URL(file, folder), "utf8")))
    .map((query) => [query.name, query]),
);
const bigTables = new Set([
  "dag_run",
  "task_instance",
  "dag_run_interval",
  "xcom",
  "alert",
  "alert_delivery",
  "dag",
]);

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Parent Relationship"?: string;
  readonly Plans?: readonly Node[];
}

let db: TestDatabase;
let client: pg.Client;
/** What each query would read as a whole while the server has no statistics of its tables. */
const scannedBefore = new Map<string, readonly string[]>();

/** Indexes of which each query that is given its rows would read more than them, without statistics. */
const walkedBefore = new Map<string, readonly string[]>();

const runs = 40_000;
const seed = `
  insert into dag (dag_id, dag_version_id, file)
  select 'd' || n, (select dag_version_id from dag_version limit 1), 'd.ts' from generate_series(1, 2000) as n;
  insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, logical_date,
    data_interval_start, data_interval_end, run_after, started_at, ended_at)
  select (select dag_version_id from dag_version limit 1), 'd' || n % 100 + 1, 'r' || n, 'scheduled', 'success', 'test',
    t, t, t + interval '1 minute', t + interval '1 minute', t + interval '1 minute', t + interval '2 minutes'
  from generate_series(1, ${runs}) as n, lateral (select now() - n * interval '10 minutes' as t) as x;
  insert into dag_run_interval select dag_id, data_interval_start, data_interval_end, dag_run_id from dag_run;
  insert into task_instance (dag_run_id, task_id, state, try_number, ended_at)
  select dag_run_id, 't' || n, 'success', 1, ended_at from dag_run, generate_series(1, 6) as n;
  insert into xcom select task_instance_id, '1' from task_instance;
  insert into alert (kind, dag_id, dag_run_id, is_routed, payload)
  select 'dag_run.failed', dag_id, dag_run_id, true, '{}' from dag_run;
  insert into alert_delivery (alert_id, channel, state, sent_at) select alert_id, 'log', 'sent', now() from alert;
  insert into process (kind, host, pid, version, capacity, state, ended_at)
  select 'scheduler', 'h', n, '0', 1, 'ended', now() from generate_series(1, 1000) as n;
  insert into process (kind, host, pid, version, capacity) values ('scheduler', 'h', 1, '0', 1);
  insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, data_interval_start,
    data_interval_end, run_after, started_at)
  select (select dag_version_id from dag_version limit 1), 'd' || n, 'live' || n, 'manual',
    case when n % 2 = 0 then 'running' else 'queued' end, 'test', now(), now(), now(), now()
  from generate_series(1, 40) as n;
  insert into backfill (dag_id, from_date, to_date, reprocess, run_backwards, max_active_runs, params, plan_hash, created_by)
  values ('d1', now(), now(), 'none', false, 10, '{}', 'hash', 'test');
  insert into dag_run (dag_version_id, dag_id, run_id, run_type, triggered_by, logical_date, data_interval_start,
    data_interval_end, run_after, backfill_id, backfill_ordinal)
  select (select dag_version_id from dag_version limit 1), 'd1', 'b' || n, 'backfill', 'test', t, t, t, t, 1, n
  from generate_series(1, ${runs}) as n, lateral (select '2020-01-01Z'::timestamptz + n * interval '1 minute' as t) as x;
  insert into task_instance (dag_run_id, task_id, state, try_number, process_id, lease_token)
  select dag_run_id, 't' || n, case when n > 3 then 'scheduled' else 'running' end, 1,
    case when n > 3 then null else 1001 end, case when n > 3 then null else gen_random_uuid() end
  from dag_run, generate_series(1, 6) as n where state = 'running';
  insert into task_ready (task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id)
  select task_instance_id, dag_run_id, 1, 1, now(), 'd2' from task_instance where state = 'scheduled';
  insert into limit_holder
  select 'key', 'k', task_instance_id, 1 from task_instance where state = 'running';
  insert into "limit" select 'key', 'k' || n, 1 from generate_series(1, 2000) as n;
  update dag set next_run_after = now() + interval '1 day';
`;

beforeAll(async () => {
  db = await testDatabase();
  await register(db.database, plainDag("first"));
  await db.database.script(seed);
  client = await db.database.connect();
  for (const [name, values] of cases) {
    scannedBefore.set(name, scansOf(await planOf(name, values)));
  }
  for (const name of byKey) walkedBefore.set(name, walksOf(await enginePlanOf(name)));
  await client.query("vacuum analyze");
});
afterAll(async () => {
  await client.end();
  await db.drop();
});

/** The plan that a prepared statement settles on after many executions. */
async function planOf(name: string, values: Readonly<Record<string, unknown>>): Promise<Node> {
  const query = queries.get(name);
  if (!query) throw new Error(`no query ${name}`);
  const given = query.parameters.map((parameter) => values[parameter] ?? null);
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Node }] }>(
    `explain (format json) ${query.text}`,
    given,
  );
  const [row] = rows;
  if (!row) throw new Error(`no plan of ${name}`);
  return row["QUERY PLAN"][0].Plan;
}

/** The plan that a connection of the engine settles on. */
async function enginePlanOf(name: string): Promise<Node> {
  const query = queries.get(name);
  if (!query) throw new Error(`no query ${name}`);
  await client.query("begin");
  try {
    for (const setting of keyPlans) await client.query(`set local ${setting.replace("=", " to ")}`);
    await client.query(`prepare asked as ${query.text}`);
    const given = query.parameters.map(() => "null").join(", ");
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Node }] }>(
      `explain (format json) execute asked(${given})`,
    );
    const [row] = rows;
    if (!row) throw new Error(`no plan of ${name}`);
    return row["QUERY PLAN"][0].Plan;
  } finally {
    await client.query("rollback");
    await client.query("deallocate all");
  }
}

/** Indexes of runs and task instances that are read otherwise than by the number of one of them. */
function walksOf(node: Node): readonly string[] {
  const index = node["Index Name"] ?? "";
  const isWalked =
    /^(dag_run|task_instance)_/.test(index) &&
    !/dag_run_id|task_instance_id/.test(node["Index Cond"] ?? "");
  return [...(isWalked ? [index] : []), ...(node.Plans ?? []).flatMap(walksOf)];
}

function scansOf(node: Node): readonly string[] {
  const own =
    node["Node Type"] === "Seq Scan" && bigTables.has(node["Relation Name"] ?? "")
      ? [node["Relation Name"] ?? ""]
      : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}

const now = new Date();
const ids = [String(runs + 2), String(runs + 4)];
const instance = { id: "1", from_state: "running", state: "success", map_index: -1 };
/** What a hop writes that ends a task and a run, and starts another task. */
const hop = {
  instances: JSON.stringify([instance, { ...instance, id: "2", from_state: "none" }]),
  tries: JSON.stringify([{ task_instance_id: "1", dag_run_id: ids[0], state: "success" }]),
  outputs: JSON.stringify([{ id: "1", value: "1" }]),
  states: "[]",
  ready: JSON.stringify([{ task_instance_id: "2", dag_run_id: ids[0], dag_id: "d1" }]),
  unready_ids: ["2"],
  released_ids: ["1"],
  alerts: JSON.stringify([
    { kind: "dag_run.recovered", dag_id: "d1", dag_run_id: ids[0], payload: {} },
  ]),
  runs: JSON.stringify([{ id: ids[0], state: "success", ended_at: now, begins_wait: false }]),
};
const expansion = {
  dag_run_id: ids[0],
  task_id: "t1",
  from_index: 1,
  length: 3,
  max_tries: 0,
  clear_number: 0,
};
type Case = readonly [string, Readonly<Record<string, unknown>>];
const cases: readonly Case[] = [
  ["TickDue", { lease_ms: 15_000 }],
  ["RequestTake", {}],
  ["RequestLastRuns", { dag_id: "d1", max_runs: 3 }],
  ["TaskReadyCandidates", { max_tasks: 32, full_limits: [], unloaded_dag_ids: [] }],
  ["DagLockDue", { now, max_dags: 50 }],
  ["DagRunLock", { dag_run_ids: ids, process_id: "1001" }],
  ["DagRunToDecide", { max_runs: 200, besides: [] }],
  ["DagRunQueuedGroups", {}],
  ["DagRunQueuedLock", { dag_ids: ["d1", "d1"], backfill_ids: [null, "1"], max_runs: 100 }],
  ["TickDue", { lease_ms: 15_000 }],
  ["BackfillRunsInState", { backfill_id: "1", state: "queued", max_runs: 500 }],
  ["BackfillRunsInState", { backfill_id: "1", state: "running", max_runs: 10_000 }],
  ["BackfillRunCancel", { dag_run_ids: ids }],
  ["BackfillCancelling", {}],
  ["BackfillOverlaps", { dag_id: "d1", from_date: now, to_date: now }],
  ["BackfillRunIdsTaken", { dag_id: "d1", run_ids: ["b1"] }],
  [
    "DagRunPlaces",
    {
      dag_ids: ["d2"],
      backfill_ids: [null],
      process_id: "1001",
      capacities: [16],
      max_runs: [100],
      tasks: [3],
    },
  ],
  [
    "DagRunBegin",
    {
      now,
      runs: JSON.stringify(ids.map((id) => ({ id, changed: 0, times_out_at: null }))),
      run_count: 0,
      instances: "[]",
      ready: "[]",
    },
  ],
  ["DagCountActive", { dag_ids: ["d1", "d2"] }],
  ["DagRunFacts", { dag_run_ids: ids }],
  ["DagRunStart", { dag_run_ids: ids }],
  ["PastRead", { dag_run_ids: ["39000", "39001"] }],
  ["PastHadBefore", { dag_run_id: "39000", task_ids: ["t9"] }],
  ["PastOpen", { max_runs: 500 }],
  ["PastNotice", { passed: JSON.stringify([{ dag_run_id: ids[0], task_ids: ["t1"] }]) }],
  ["PastSettle", { dag_run_ids: ids, past_dag_run_ids: ids }],
  ["PastRelease", { dag_run_ids: ids }],
  ["WakeTell", { max_wakes: 100, max_runs: 2_000 }],
  ["WaitEvents", { task_instance_ids: ["1"], names: ["go"], sinces: [now], after_ids: ["0"] }],
  ["WaitRuns", { task_instance_ids: ["1"], dag_ids: ["d1"], run_ids: ["r1"], starts: [now] }],
  ["AssetDue", { max_dags: 50, besides: [] }],
  ["AssetTake", { dag_id: "d1" }],
  ["AssetEventsOfRuns", { dag_run_ids: ids }],
  ["DagScheduled", { dag_ids: ["d1", "d2"], next_run_afters: [now, now] }],
  [
    "DagRunInsert",
    {
      dag_ids: ["d1", "d2"],
      dag_version_ids: ["1", "1"],
      run_ids: ["new", "new"],
      run_type: "scheduled",
      triggered_by: "timetable",
      params: "{}",
      about: "{}",
      starts: [now, now],
      ends: [now, now],
      run_afters: [now, now],
    },
  ],
  [
    "DagRunIntervalInsert",
    { dag_ids: ["d1", "d2"], dag_run_ids: ids, starts: [now, now], ends: [now, now] },
  ],
  ["DagMakeDue", { dag_ids: ["d1", "d2"] }],
  ["DagRunBackfillEnd", { backfill_ids: ["1"] }],
  ["BackfillCancelling", {}],
  ["RunApply", hop],
  ["TaskInstanceExpand", { expansions: JSON.stringify([expansion]), now }],
  ["TaskInstanceOfRuns", { dag_run_ids: ids }],
  ["TaskInstanceInputs", { dag_run_ids: ids, task_ids: ["t1"] }],
  ["TaskInstanceClaim", { ids: ["1"], leases: [crypto.randomUUID()], process_id: "1001" }],
  ["TaskReadyRunsLock", { dag_run_ids: ids }],
  ["DagRunOfLostProcesses", {}],
  ["DagRunOfProcess", { process_id: "1001" }],
  [
    "DagRunIntervalOverlaps",
    { dag_ids: ["d1", "d2"], span_starts: [now, now], span_ends: [now, now] },
  ],
  ["ProcessSilent", { lease_ms: 15_000 }],
  ["ProcessBeat", { process_id: "1001" }],
  ["LimitCount", { kinds: ["key"], names: ["k"] }],
  ["LimitFull", {}],
  ["LimitLock", { kinds: ["key"], names: ["k1"] }],
  ["AlertIsWaiting", {}],
  ["AlertDeliveryIsDue", { channel: "log", ahead_ms: 0 }],
  ["AlertLateRuns", {}],
  ["AlertDeliverySweep", { channel: "log", most_unanswered: 1 }],
  [
    "AlertDeliveryClaim",
    { channel: "log", most: 50, most_topics: 3, lease_ms: 60_000, ahead_ms: 0 },
  ],
  ["RetentionDeleteRuns", { run_days: 30 }],
  ["RetentionDeleteBackfillRuns", { run_days: 30 }],
  ["RetentionDeleteBackfills", { run_days: 30 }],
  ["RetentionDeleteAlerts", { event_days: 30 }],
];

/** Queries that are given the numbers of runs or task instances. */
const byKey = [
  "DagRunLock",
  "DagRunBegin",
  "DagRunFacts",
  "DagRunStart",
  "DagRunBegin",
  "TaskInstanceOfRuns",
  "TaskInstanceInputs",
  "TaskInstanceClaim",
  "TaskInstanceExpand",
  "TaskReadyRunsLock",
  "RunApply",
];

describe("of what it is given by number a query reads nothing else, though a held snapshot keeps all that was there", () => {
  test.each(byKey)("%s, with statistics", async (name) => {
    expect(walksOf(await enginePlanOf(name))).toEqual([]);
  });

  test.each(byKey)("%s, before there are any", (name) => {
    expect(walkedBefore.get(name)).toEqual([]);
  });
});

test.each([
  ["DagRunQueuedLock", ["dag_run_startable"]],
  ["DagRunPlaces", ["dag_run_running"]],
])("%s begins at the key that it is given, in the index", async (name, indexes) => {
  const begun = (node: Node): readonly string[] => [
    ...(/ROW\(|slot_number >=/.test(node["Index Cond"] ?? "") ? [node["Index Name"] ?? ""] : []),
    ...(node.Plans ?? []).flatMap(begun),
  ];
  expect(begun(await enginePlanOf(name))).toEqual(indexes);
});

test("the runs of a DAG that have not ended are counted in the indexes that hold no others", async () => {
  const indexesOf = (node: Node): readonly string[] => [
    ...(node["Relation Name"] === "dag_run" ? [node["Index Name"] ?? ""] : []),
    ...(node.Plans ?? []).flatMap(indexesOf),
  ];
  expect(indexesOf(await enginePlanOf("DagCountActive")).toSorted()).toEqual([
    "dag_run_running",
    "dag_run_startable",
    "dag_run_waiting",
  ]);
});

/** Once an hour every DAG is looked at; what may not be read as a whole is their history. */
const mayRead: Readonly<Record<string, readonly string[]>> = { RetentionDeleteRuns: ["dag"] };

describe("with a long history and a long backfill in place, no table that holds it is read as a whole", () => {
  test.each(cases)("by %s", async (name, values) => {
    const scanned = scansOf(await planOf(name, values));
    expect(scanned.filter((table) => !mayRead[name]?.includes(table))).toEqual([]);
  });
});

/** Asked once in a few seconds, or in an hour; statistics come within a minute. */
const mayReadBefore: typeof mayRead = {
  ...mayRead,
  RetentionDeleteAlerts: ["alert"],
};

describe("before the server has any statistics, neither", () => {
  test.each(cases)("by %s", (name) => {
    const scanned = scannedBefore.get(name)?.filter((one) => !mayReadBefore[name]?.includes(one));
    expect(scanned).toEqual([]);
  });
});

test("the limit of the installation is looked up once, not for each candidate", async () => {
  const plan = await planOf("TaskReadyCandidates", {
    max_tasks: 32,
    full_limits: [],
    unloaded_dag_ids: [],
  });
  const looks = (node: Node, isOnce: boolean): readonly boolean[] => [
    ...(node["Relation Name"] === "limit" ? [isOnce] : []),
    ...(node.Plans ?? []).flatMap((one) =>
      looks(one, isOnce || one["Parent Relationship"] === "InitPlan"),
    ),
  ];
  expect(looks(plan, false)).toEqual([true, true]);
});
