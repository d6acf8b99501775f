import { byId, type ProcessRow, type Tables } from "./tables.ts";

const isSilent = (heartbeatAt: Date, leaseMs: number, now: Date): boolean =>
  heartbeatAt.getTime() < now.getTime() - leaseMs;

/** @param act answers false where it changed nothing */
function aliveOne(
  tables: Tables,
  processId: string,
  act: (row: ProcessRow) => boolean | void,
): readonly object[] {
  const row = tables.processes.get(processId);
  if (row?.state !== "alive") return [];
  return act(row) === false ? [] : [{ process_id: processId }];
}

/** Which processes there are, and which of them are silent. */
export const processQueries = {
  ProcessRegister: (tables: Tables, _: object, now: Date) => {
    const process_id = tables.nextId();
    tables.processes.insert({ process_id, state: "alive", heartbeat_at: now });
    return [{ process_id }];
  },

  ProcessBeat: (tables: Tables, p: { readonly process_id: string }, now: Date) =>
    aliveOne(tables, p.process_id, (row) => tables.processes.update(row, { heartbeat_at: now })),

  ProcessEnd: (tables: Tables, p: { readonly process_id: string }) =>
    aliveOne(tables, p.process_id, (row) => tables.processes.update(row, { state: "ended" })),

  ProcessSilent: (tables: Tables, p: { readonly lease_ms: number }, now: Date) =>
    [...tables.processes.all()]
      .filter((row) => row.state === "alive" && isSilent(row.heartbeat_at, p.lease_ms, now))
      .sort((a, b) => byId(a.process_id, b.process_id))
      .map(({ process_id }) => ({ process_id })),

  ProcessLock: (tables: Tables, p: { readonly process_id: string }) =>
    aliveOne(tables, p.process_id, () => {}),

  ProcessLose: (
    tables: Tables,
    p: { readonly process_id: string; readonly lease_ms: number },
    now: Date,
  ) =>
    aliveOne(tables, p.process_id, (row) => {
      if (!isSilent(row.heartbeat_at, p.lease_ms, now)) return false;
      tables.processes.update(row, { state: "lost" });
      return true;
    }),
};
