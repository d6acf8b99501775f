import type { RunningService, ServiceOptions } from "./service.ts";
export async function startMokapi(_o: ServiceOptions): Promise<RunningService> {
  throw new Error("x");
}
