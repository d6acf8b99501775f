import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";

export type DbosSetting = "default" | "best";

const queueName = "bench";
const quiet = "error";

/** `best` looks for work as often as its documentation allows, and from several connections. */
const queueSettings = { default: {}, best: { minPollingIntervalMs: 10 } } as const;
const poolSizes = { default: undefined, best: 20 } as const;

/** DBOS in this process, with the workflows that `register` declares; each process can have one. */
export async function withDbos<W, T>(
  { url, setting }: { readonly url: string; readonly setting: DbosSetting },
  register: () => W,
  use: (workflows: W) => Promise<T>,
): Promise<T> {
  const systemDatabasePoolSize = poolSizes[setting];
  DBOS.setConfig({
    name: queueName,
    systemDatabaseUrl: url,
    logLevel: quiet,
    ...(systemDatabasePoolSize !== undefined && { systemDatabasePoolSize }),
  });
  const workflows = register();
  await DBOS.launch();
  try {
    await DBOS.registerQueue(queueName, queueSettings[setting]);
    return await use(workflows);
  } finally {
    await DBOS.shutdown();
  }
}

/** A client that asks for workflows, as an application beside the workers has it. */
export async function withDbosClient<T>(
  url: string,
  use: (client: DBOSClient) => Promise<T>,
): Promise<T> {
  const client = await DBOSClient.create({ systemDatabaseUrl: url, applicationName: queueName });
  try {
    return await use(client);
  } finally {
    await client.destroy();
  }
}

export const onQueue = { queueName } as const;
