import { dag } from "@tidemill/dag-core";
import { figure } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { median, quantile } from "../contest/statistics.ts";
import { storeDags } from "../contenders/code-dags.ts";
import { withTicks } from "../contenders/ticks.ts";
import { withClient } from "../contenders/tidemill.ts";
import { dagLockDue } from "../../packages/dag-core/src/store/dag.ts";
import { migrate } from "../../packages/dag-core/src/store/migrate.ts";

const dagCount = 10_000;
const duePerTick = dagCount / 100;

const hourlyDags = () =>
  Array.from({ length: dagCount }, (_, n) =>
    dag(
      `hourly_${n}`,
      { schedule: "0 * * * *", startDate: "2026-01-01", catchup: "latest" },
      ({ task }) => {
        task("only", { run: () => {} });
      },
    ),
  );

/** All DAGs have a schedule, and at each step the next hundred of them are due: their runs are created and started. */
function playTidemill(url: string, runs: number): Promise<Turn> {
  return withTicks(url, async ({ database, tick }) => {
    await migrate(database);
    await storeDags(database, hourlyDags());
    return await withClient(url, async ({ sql }) => {
      await sql.query("update dag set next_run_after = now() + interval '1 day'");
      await sql.query("vacuum analyze");
      const [dueMs, tickMs]: [number[], number[]] = [[], []];
      for (let from = 0; from < runs; from += duePerTick) {
        const due = Array.from({ length: duePerTick }, (_, n) => `hourly_${from + n}`);
        await sql.query("update dag set next_run_after = now() where dag_id = any($1)", [due]);
        dueMs.push(
          await timeOf(() => database.transaction((tx) => dagLockDue(tx, new Date(), duePerTick))),
        );
        tickMs.push(await tick());
      }
      const { rows } = await sql.query<{ done: number }>(
        `select count(distinct r.dag_id)::int as done from dag_run r join task_instance i using (dag_run_id)
         where r.state = 'running' and i.state = 'scheduled'`,
      );
      const figures = { "due query ms": median(dueMs), "slowest step ms": quantile(tickMs, 1) };
      return { value: median(tickMs), done: rows[0]?.done ?? 0, figures };
    });
  });
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Many DAGs, of which few are due at a time. */
export const many: Contest = {
  name: "many",
  what: `a step of the scheduler among ${dagCount} DAGs of which ${duePerTick} are due: their runs are created and started`,
  piece: "runs",
  unit: "ms",
  isLessBetter: true,
  aims: [
    { what: "due query, ms", of: figure("due query ms"), most: 10 },
    {
      what: "slowest step, ms",
      of: figure("slowest step ms"),
      most: 1_000,
    },
  ],
  minutes: 1,
  tidemill: { work: 3_000, play: playTidemill },
};
