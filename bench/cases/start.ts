import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clock, pause } from "../contest/clock.ts";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { median } from "../contest/statistics.ts";
import { dailyDags, withDagFolder } from "../contenders/dag-folder.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { type Tidemill, withClient, withEngine } from "../contenders/tidemill.ts";

const dagId = "bench_stamp";
const everyMs = 5;
const watchingMs = 2_000;

/** From the command to the first line of user code of a run that waits. */
async function startMs(url: string, { client, sql }: Pick<Tidemill, "client" | "sql">) {
  const { runId } = await client.trigger(dagId);
  const began = clock();
  await using scheduler = new SchedulerProcess(url);
  const { at } = await rowOf<{ at: number }>(
    sql,
    `select x.value::float8 as at
     from xcom x join task_instance using (task_instance_id) join dag_run r using (dag_run_id)
     where r.run_id = $1 and r.state = 'success'`,
    { values: [runId] },
  );
  if (scheduler.pid === 0) throw new Error("no scheduler was started");
  return at - began;
}

/** From saving a file to the moment at which `tidemill dev` runs what it says now. */
function reloadMs(url: string, changes: number): Promise<number[]> {
  const [source = { dagId: "", text: "" }] = dailyDags(1);
  return withDagFolder([source], async (dagsFolder) => {
    await using dev = new SchedulerProcess(url, { command: "dev", dagsFolder });
    return await withClient(url, async ({ sql }) => {
      const live = "select dag_version_id as version from dag where dag_id = $1 and is_present";
      const values = [source.dagId];
      let { version } = await rowOf<{ version: string }>(sql, live, { values });
      // It watches the folder once it is alive.
      await rowOf(sql, "select 1 from process where state = 'alive'");
      await pause(watchingMs);
      const times: number[] = [];
      for (let change = 1; change <= changes; change++) {
        const text = source.text.replace("0 3 * * *", `${change} 3 * * *`);
        const began = clock();
        await writeFile(join(dagsFolder, `${source.dagId}.ts`), text);
        const changed = `${live} and dag_version_id <> $2`;
        const row = await rowOf<{ version: string }>(sql, changed, {
          values: [...values, version],
          everyMs,
        });
        times.push(clock() - began);
        version = row.version;
      }
      if (dev.pid === 0) throw new Error("no process was started");
      return times;
    });
  });
}

async function playTidemill(url: string, starts: number): Promise<Turn> {
  // Makes the schema, and registers the DAG.
  await withEngine(url, () => Promise.resolve());
  const times = await withClient(url, async (tidemill) => {
    const all: number[] = [];
    for (let nth = 0; nth < starts; nth++) all.push(await startMs(url, tidemill));
    return all;
  });
  const reloads = await reloadMs(url, starts);
  const figures = { "changed file live in dev, ms": median(reloads) };
  return { value: median(times), done: Math.min(times.length, reloads.length), figures };
}

/** What a cold process costs. */
export const start: Contest = {
  name: "start",
  what: "`tidemill scheduler` on a migrated database with a queued run; command to the first line of user code",
  piece: "starts",
  unit: "ms",
  isLessBetter: true,
  aims: [
    { what: "first task, ms", of: medianTurn, most: 1_500 },
    {
      what: "changed file live in dev, ms",
      of: figure("changed file live in dev, ms"),
      most: 2_000,
    },
  ],
  minutes: 1,
  tidemill: { work: 5, play: playTidemill },
};
