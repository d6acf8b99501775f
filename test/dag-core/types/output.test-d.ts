import { dag, type OutputOf } from "@tidemill/dag-core";
import { z } from "zod";
import { type Equal, expectTrue } from "./equal.ts";

const row = z.object({ id: z.number() });

export const outputs = dag("outputs", { schedule: null, startDate: "2024-01-01" }, (builder) => {
  const { task, each, sensor } = builder;
  const parsed = task("parsed", { output: row, run: async () => ({ id: 1 }) });
  expectTrue<Equal<OutputOf<typeof parsed>, { id: number }>>();
  const shorthand = task("shorthand", {
    inputs: { parsed },
    output: row,
    async run({ inputs }) {
      return { id: inputs.parsed.id };
    },
  });
  expectTrue<Equal<OutputOf<typeof shorthand>, { id: number }>>();
  const rows = each("rows", { over: [1], output: row, run: ({ item }) => ({ id: item }) });
  expectTrue<Equal<OutputOf<typeof rows>, { id: number }[]>>();
  sensor("waits", { every: "1s", timeout: "1h", output: row, poke: () => ({ id: 1 }) });

  // @ts-expect-error what the schema parses is not what the task returns
  task("other", { output: z.object({ id: z.string() }), run: async () => ({ id: 1 }) });
});
