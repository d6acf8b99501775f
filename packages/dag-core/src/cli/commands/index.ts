import type { Command } from "commander";
import { group, leaf, type LeafText, type TopLeaf } from "../command.ts";

/** A command at the top. What it does is loaded when it is called, so that the others cost it nothing. */
export type TopCommand = TopLeafCommand | TopGroup;

interface TopLeafCommand extends TopLeaf {
  readonly name: string;
  readonly load: () => Promise<(parent: Command, about: TopLeaf) => void>;
}

interface TopGroup extends LeafText {
  readonly name: string;
  readonly loadMembers: () => Promise<(parent: Command) => void>;
}

/** Puts a command under the program: whole if it is the one that is called, else as a line of the help text. */
export async function register(program: Command, top: TopCommand, called: boolean): Promise<void> {
  if ("loadMembers" in top) {
    const parent = group(program, top.name, top);
    if (called) (await top.loadMembers())(parent);
    return;
  }
  if (called) (await top.load())(program, top);
  else leaf(program, top.usage, top);
}

/** Every command, in the order of the help text. */
export const topCommands: readonly TopCommand[] = [
  {
    name: "dev",
    usage: "dev",
    does: "Run everything here for writing DAGs: a database, a scheduler, newest code on each save.",
    example: "tidemill dev",
    load: async () => (await import("./dev.ts")).dev,
  },
  {
    name: "scheduler",
    usage: "scheduler",
    does: "Create and advance runs, execute tasks, send alerts, until told to stop.",
    example: "TIDEMILL_DATABASE_URL=postgres://... tidemill scheduler",
    load: async () => (await import("./scheduler.ts")).scheduler,
  },
  {
    name: "worker",
    usage: "worker",
    does: "Execute tasks for schedulers on other machines, until told to stop.",
    example: "TIDEMILL_DATABASE_URL=postgres://... tidemill worker",
    load: async () => (await import("./worker.ts")).worker,
  },
  {
    name: "check",
    usage: "check",
    does: "Import the DAG files and list what is wrong or surprising; exit code 1 for an error.",
    example: "tidemill check",
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "trigger",
    usage: "trigger <dag>",
    does: "Make a run of a DAG now.",
    example: "tidemill trigger orders_daily --interval 2026-01-31 --wait",
    load: async () => (await import("./trigger.ts")).trigger,
  },
  {
    name: "dags",
    does: "Look at DAGs, pause and test them.",
    example: "tidemill dags list",
    loadMembers: async () => (await import("./dags.ts")).dags,
  },
  {
    name: "schedule",
    does: "Look at what schedules do when clocks change.",
    example: "tidemill schedule check",
    loadMembers: async () => (await import("./schedule.ts")).schedule,
  },
  {
    name: "runs",
    does: "Look at runs, wait for them, cancel them.",
    example: "tidemill runs list orders_daily",
    loadMembers: async () => (await import("./runs.ts")).runs,
  },
  {
    name: "tasks",
    does: "Look at tasks, do them again, set their state, test them.",
    example: "tidemill tasks explain orders_daily latest load",
    loadMembers: async () => (await import("./tasks.ts")).tasks,
  },
  {
    name: "backfill",
    does: "Plan and make the runs of past dates.",
    example: "tidemill backfill plan orders_daily --from-date 2026-01-01 --to-date 2026-01-31",
    loadMembers: async () => (await import("./backfill.ts")).backfill,
  },
  {
    name: "assets",
    does: "Look at assets, tell of their updates from outside.",
    example: "tidemill assets list",
    loadMembers: async () => (await import("./assets.ts")).assets,
  },
  {
    name: "events",
    does: "Send events that tasks wait for.",
    example: "tidemill events send orders.approved",
    loadMembers: async () => (await import("./events.ts")).events,
  },
  {
    name: "pools",
    does: "Cap what runs at once across DAGs.",
    example: "tidemill pools set dwh 4",
    loadMembers: async () => (await import("./pools.ts")).pools,
  },
  {
    name: "connections",
    does: "Look at the systems that tasks reach.",
    example: "tidemill connections test dwh",
    loadMembers: async () => (await import("./connections.ts")).connections,
  },
  {
    name: "db",
    does: "Look after the schema of the engine.",
    example: "tidemill db migrate",
    loadMembers: async () => (await import("./db.ts")).db,
  },
  {
    name: "logs",
    usage: "logs <dag> [run] [task]",
    does: "Show the log of a run or of one of its tasks; without a run the newest. JSON is a line each.",
    example: "tidemill logs -f orders_daily latest load --try 2",
    load: async () => (await import("./logs.ts")).logs,
  },
  {
    name: "alerts",
    does: "Look after alerts.",
    example: "tidemill alerts test",
    loadMembers: async () => (await import("./alerts.ts")).alerts,
  },
  {
    name: "health",
    usage: "health",
    does: "Say whether something schedules and runs tasks; exit code 1 if not, for service managers.",
    example: "tidemill health --output json",
    load: async () => (await import("./health.ts")).health,
  },
  {
    name: "doctor",
    usage: "doctor",
    does: "Look at everything that an installation needs, and list its settings; exit code 1 for a problem.",
    example: "tidemill doctor",
    load: async () => (await import("./doctor.ts")).doctor,
  },
];
