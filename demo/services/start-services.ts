import { connectionVariable } from "@tidemill/dag-core";
import type { RunningService } from "./service.ts";

/** Services by the connection that leads to them. */
export type ServiceStarts = Readonly<Record<string, () => Promise<RunningService>>>;

/**
 * Starts the small services that the pipelines reach, and sets their addresses in the environment, which the DAGs are
 * given. One whose address is set already is somebody's own, and is left alone.
 *
 * @returns To be closed; the addresses are taken back then.
 */
export async function startServices(
  starts: ServiceStarts,
  env: Record<string, string | undefined> = process.env,
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    for (const [connectionId, start] of Object.entries(starts)) {
      const variable = connectionVariable(connectionId);
      if ((env[variable] ?? "") !== "") continue;
      const service = stack.use(await start());
      env[variable] = service.uri;
      stack.defer(() => void delete env[variable]);
    }
    return stack;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
