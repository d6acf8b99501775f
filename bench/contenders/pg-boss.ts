import { PgBoss, type WorkOptions } from "pg-boss";
import type { OpenQueue, Queue, QueueHandlers, QueueSetting } from "./queue.ts";

/** `best` is woken by a notification, fetches batches, and several at once. */
const settingsOf: Readonly<Record<QueueSetting, WorkOptions>> = {
  default: {},
  best: {
    pollingIntervalSeconds: 0.5,
    batchSize: 500,
    burstWhenBatchFull: true,
    localConcurrency: 4,
  },
};

/** What a job carries. */
interface Payload {
  readonly n: number;
}

/** Jobs in one insert. */
const insertSize = 5_000;

async function withBoss<T>(url: string, use: (boss: PgBoss) => Promise<T>): Promise<T> {
  const boss = await started(url, "default");
  try {
    return await use(boss);
  } finally {
    await boss.stop({ graceful: false });
  }
}

function started(url: string, setting: QueueSetting): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, useListenNotify: setting === "best" });
  // Without a listener an error event ends the process.
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  return boss.start();
}

async function addMany(boss: PgBoss, name: string, numbers: readonly number[]): Promise<void> {
  for (let from = 0; from < numbers.length; from += insertSize) {
    const some = numbers.slice(from, from + insertSize);
    await boss.insert(
      name,
      some.map((n) => ({ data: { n } })),
    );
  }
}

async function open(
  url: string,
  setting: QueueSetting,
  handlers: QueueHandlers,
): Promise<OpenQueue> {
  const boss = await started(url, setting);
  for (const [name, handle] of Object.entries(handlers)) {
    await boss.work<Payload>(name, settingsOf[setting], async (jobs) => {
      for (const { data } of jobs) await handle(data.n);
    });
  }
  return {
    add: async (name, n) => {
      await boss.send(name, { n });
    },
    addMany: (name, numbers) => addMany(boss, name, numbers),
    close: () => boss.stop({ graceful: true, close: true }),
  };
}

/** pg-boss: a job that is done stays for a while, in the table of the queue. */
export const pgBoss: Queue = {
  prepare: (url, names) =>
    withBoss(url, async (boss) => {
      for (const name of names) await boss.createQueue(name, { notify: true });
    }),
  fill: (url, name, count) =>
    withBoss(url, (boss) =>
      addMany(
        boss,
        name,
        Array.from({ length: count }, (_, n) => n),
      ),
    ),
  open,
};
