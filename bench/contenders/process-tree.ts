import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;

/** What a process takes of the machine, by /proc. */
export interface ProcessUse {
  /** Its own memory, and its share of what several processes have mapped, as the program itself: PSS. */
  readonly proportionalMb: number;
  /** All that it has mapped, shared or not: RSS. */
  readonly residentMb: number;
  /** Seconds of a core since its start. */
  readonly cpuSeconds: number;
}

export function useOf(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the command, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]].map(Number);
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    proportionalMb: megabytes(memory, "Pss"),
    residentMb: megabytes(memory, "Rss"),
    cpuSeconds: ((user ?? Number.NaN) + (system ?? Number.NaN)) / ticksPerSecond,
  };
}

const megabytes = (memory: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(memory)?.[1]) / 1_024;

/** The processes that a process started. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((child) => child.trim() !== "")
      .map(Number),
  );
}
