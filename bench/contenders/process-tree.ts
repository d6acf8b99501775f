import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** What a process takes of the machine, by /proc. */
export interface ProcessUse {
  readonly megabytes: number;
  /** Seconds of a core since its start. */
  readonly cpuSeconds: number;
}

export function useOf(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the command, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number);
  return {
    megabytes: ((pages ?? Number.NaN) * pageBytes) / 2 ** 20,
    cpuSeconds: ((user ?? Number.NaN) + (system ?? Number.NaN)) / ticksPerSecond,
  };
}

/** The processes that a process started. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((child) => child.trim() !== "")
      .map(Number),
  );
}
