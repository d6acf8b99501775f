import { dag, type OutputOf } from "@tidemill/dag-core";
import { z } from "zod";
import { type Equal, expectTrue } from "./equal.ts";

const params = z.object({ full: z.boolean().default(false) });

export const tables = dag(
  "tables",
  { schedule: null, startDate: "2024-01-01", params },
  ({ task, branch, each, sensor, group }) => {
    const file = sensor("wait_file", {
      every: "30s",
      timeout: "6h",
      poke: async ({ dataInterval }) => (dataInterval ? { path: "x", size: 1 } : undefined),
    });
    expectTrue<Equal<OutputOf<typeof file>, { path: string; size: number }>>();
    // @ts-expect-error a sensor says how long it waits
    sensor("bad_sensor", { every: "30s", poke: () => 1 });

    const listed = task("list_tables", {
      inputs: { file },
      run: async () => ["users", "orders"],
    });
    const loads = each("load_table", {
      over: listed,
      maxActive: 4,
      run: async ({ item, index }) => ({ table: item.toUpperCase(), rows: index }),
    });
    expectTrue<Equal<OutputOf<typeof loads>, { table: string; rows: number }[]>>();
    const squares = each("squares", { over: [1, 2, 3], run: ({ item }) => item * item });
    expectTrue<Equal<OutputOf<typeof squares>, number[]>>();
    // @ts-expect-error over needs a list
    each("bad_each", { over: file, run: async () => 1 });

    const mode = branch("pick_mode", {
      inputs: { loads },
      cases: ["full", "increment"],
      run: ({ params }) => (params.full ? "full" : "increment"),
    });
    expectTrue<Equal<OutputOf<typeof mode>, "full" | "increment">>();
    // @ts-expect-error not one of the cases
    branch("pick_bad", { cases: ["full", "increment"], run: () => "none" });

    task("rebuild", { when: mode.is("full"), run: async () => 1 });
    // @ts-expect-error not a case of this branch
    task("weekly", { when: mode.is("weekly"), run: async () => 1 });

    const { north, south } = group("extract", ({ task }) => ({
      north: task("north", { run: async () => ({ rows: 1 }) }),
      south: task("south", { run: async () => ({ rows: 2 }) }),
    }));
    task("sum", {
      inputs: { north, south },
      run: ({ inputs }) => inputs.north.rows + inputs.south.rows,
    });
  },
);
