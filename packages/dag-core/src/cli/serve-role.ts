import type { OutputOptions } from "./output.ts";
import { serve } from "./serve.ts";
import { readConfig, withDatabase } from "./session.ts";

/** Runs a scheduler or a worker until it is told to stop. */
export async function serveRole(
  role: "scheduler" | "worker",
  { output, schedules }: OutputOptions & { readonly schedules?: boolean },
  migrates: boolean,
): Promise<void> {
  const config = await readConfig();
  // A database that is away is told with its address before anything is started.
  await withDatabase(config, () => Promise.resolve());
  const { engine, stopAsked, close } = await serve({ config, role, migrates, schedules, output });
  try {
    await engine.start();
    await stopAsked;
  } finally {
    await close();
  }
}
