import { Logger, makeWorkerUtils, run, runMigrations, type RunnerOptions } from "graphile-worker";
import pg from "pg";
import type { OpenQueue, Queue, QueueHandlers, QueueSetting } from "./queue.ts";

const logger = new Logger(() => () => {});

/** `best` is what its page on performance uses: jobs fetched ahead and completed in batches. */
const settingsOf: Readonly<Record<QueueSetting, Partial<RunnerOptions>>> = {
  default: {},
  best: {
    preset: {
      worker: {
        concurrentJobs: 24,
        maxPoolSize: 25,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  },
};

/** What a job carries. */
interface Payload {
  readonly n: number;
}

async function open(
  url: string,
  setting: QueueSetting,
  handlers: QueueHandlers,
): Promise<OpenQueue> {
  const taskList = Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [
      name,
      (payload: unknown) => handle((payload as Payload).n),
    ]),
  );
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  const runner = await run({
    connectionString: url,
    logger,
    noHandleSignals: true,
    taskList,
    ...settingsOf[setting],
  });
  return {
    add: async (name, n) => {
      await runner.addJob(name, { n });
    },
    addMany: async (name, numbers) => {
      await utils.addJobs(numbers.map((n) => ({ identifier: name, payload: { n } })));
    },
    close: async () => {
      await runner.stop();
      await utils.release();
    },
  };
}

async function fill(url: string, name: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `select graphile_worker.add_jobs(array_agg(json_populate_record(null::graphile_worker.job_spec,
         json_build_object('identifier', $1::text, 'payload', json_build_object('n', n)))))
       from generate_series(0, $2::int - 1) n`,
      [name, count],
    );
  } finally {
    await client.end();
  }
}

/** graphile-worker: a job is deleted when it is done. */
export const graphileWorker: Queue = {
  prepare: (url) => runMigrations({ connectionString: url, logger }),
  fill,
  open,
};
