import { dagText } from "../test/helpers/engine.ts";

const postgresModule = import.meta.resolve("@tidemill/tasks/postgres");

/** Side effects of tasks, in a schema of the installation's own database. */
export const ledgerSchema = `
  create schema ledger;
  create table ledger.effect (run_id text not null, task_id text not null, map_index integer not null);`;

/** Short tasks side by side in a run of `work`, and as many long ones. */
export const width = 4;

const authoring = `
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { postgres } from ${JSON.stringify(postgresModule)};
const ledger = postgres("ledger");
const begin = (ctx) => appendFileSync(process.env.TIDEMILL_CONN_JOURNAL, ctx.runId + " " + ctx.taskId + "\\n");
const pause = (ctx, ms) => new Promise((yes, no) => {
  ctx.signal.addEventListener("abort", () => no(ctx.signal.reason));
  setTimeout(yes, ms);
});
const isFirst = (ctx) => {
  const mark = process.env.TIDEMILL_CONN_JOURNAL + "." + ctx.runId;
  return !existsSync(mark) && (writeFileSync(mark, ""), true);
};
const released = async (ctx) => {
  while (!existsSync(process.env.TIDEMILL_CONN_JOURNAL + "." + ctx.runId)) await pause(ctx, 50);
};
const write = (ctx) => ctx.transaction(ledger, "effect", (tx) =>
  tx.query("insert into ledger.effect (run_id, task_id, map_index) values ($1, $2, $3)", [ctx.runId, ctx.taskId, ctx.mapIndex]));
`;
/** A task that the database breaks off is a failure like any other to its runner; the user has asked for retries. */
const patient = `retries: 50, retryDelay: "100ms", timeout: "30s"`;

/** A DAG whose tasks write down that they begin, and write their effect once. */
export function ledgerDag(dagId: string, body: string, options?: string): string {
  return authoring + dagText(dagId, body, options);
}

/** A DAG with a task that misbehaves beside two that work in the same runner. */
export function besideDag(dagId: string, body: string, options = ""): string {
  return ledgerDag(
    dagId,
    `
    task("bad", { priorityWeight: 100, ${options === "" ? "" : `${options},`} async run(ctx) { begin(ctx); ${body} } });
    each("beside", { over: [1, 2], ${patient}, async run(ctx) { begin(ctx); await pause(ctx, 100); await write(ctx); return 1; } });`,
  );
}

/** A DAG of tasks one after the other, of which the first waits for the deployment: see `Scene.release`. */
export function deployDag(dagId: string, taskIds: readonly string[]): string {
  const tasks = taskIds.map((taskId, index) => {
    const after = index === 0 ? "" : `after: [${taskIds[index - 1]}],`;
    return `const ${taskId} = task("${taskId}", { priorityWeight: 100, ${after} ${patient}, async run(ctx) {
      begin(ctx); ${index === 0 ? "await released(ctx);" : ""} await write(ctx);
    } });`;
  });
  return ledgerDag(dagId, tasks.join("\n"));
}

export interface WorkloadOptions {
  /** First moment of the schedule. */
  readonly startDate: Date;
  /** How long the longest task takes. */
  readonly longMs: number;
}

const work = (longMs: number, more = ""): string =>
  ledgerDag(
    "work",
    `
    const list = task("list", { ${patient}, async run(ctx) { begin(ctx); await write(ctx); return [...Array(${width}).keys()]; } });
    const items = each("item", { over: list, ${patient}, async run(ctx) {
      begin(ctx); await pause(ctx, 150); await write(ctx); await pause(ctx, 150); return ctx.item;
    } });
    const long = each("long", { over: [...Array(${width}).keys()], priorityWeight: 10, ${patient}, async run(ctx) {
      begin(ctx); await pause(ctx, ${longMs}); await write(ctx);
    } });
    task("end", { inputs: { items }, after: [long], ${patient}, async run(ctx) {
      begin(ctx); await write(ctx); return ctx.inputs.items.length;
    } });
    ${more}`,
  );

const ticker = (startDate: Date): string =>
  ledgerDag(
    "ticker",
    `
    const a = task("a", { ${patient}, async run(ctx) { begin(ctx); await write(ctx); return ctx.runId; } });
    task("b", { inputs: { a }, ${patient}, async run(ctx) { begin(ctx); await write(ctx); return ctx.inputs.a; } });`,
    `startDate: ${JSON.stringify(startDate.toISOString())}, schedule: { every: "1s" }, catchup: "all"`,
  );

const fails = dagText(
  "fails",
  `task("bad", { retries: 1, retryDelay: "100ms", run: () => { throw new Error("for good"); } });`,
);

/** The DAG files of every scene: one by schedule, one that works, one that fails for good. */
export function workload({ startDate, longMs }: WorkloadOptions): Readonly<Record<string, string>> {
  return { "ticker.ts": ticker(startDate), "work.ts": work(longMs), "fails.ts": fails };
}

/** The next version of `work`: one task more. */
export const nextWork = (longMs: number): string =>
  work(
    longMs,
    `task("added", { after: [list], ${patient}, async run(ctx) { begin(ctx); await write(ctx); } });`,
  );
