import { asset, dag, type JsonValue, type OtherRun, type TaskRef } from "@tidemill/dag-core";
import { z } from "zod";
import { type Equal, expectTrue } from "./equal.ts";

const orders = asset("raw.orders");
const params = z.object({ region: z.string().default("eu") });

dag("waits", { schedule: { assets: [orders] }, startDate: "2026-01-01", params }, (b) => {
  const region = b.task("region", { outlets: [orders], run: () => "eu" });
  const typed = b.waitForEvent("typed", {
    inputs: { region },
    event: ({ inputs, params }) => `approved.${inputs.region}.${params.region}`,
    output: z.object({ by: z.string() }),
    timeout: "6h",
  });
  expectTrue<Equal<typeof typed, TaskRef<{ by: string }>>>();
  const plain = b.waitForEvent("plain", { event: "approved" });
  expectTrue<Equal<typeof plain, TaskRef<JsonValue>>>();
  const run = b.waitForRun("run", { dag: "raw", interval: ({ dataInterval }) => dataInterval.end });
  expectTrue<Equal<typeof run, TaskRef<OtherRun>>>();
  const made = b.triggerDag("made", { dag: "marts", interval: "same", params: { full: true } });
  expectTrue<Equal<typeof made, TaskRef<OtherRun>>>();

  // @ts-expect-error the name of an event is a text
  b.waitForEvent("number", { event: () => 1 });
  // @ts-expect-error an event is named
  b.waitForEvent("none", { timeout: "6h" });
  // @ts-expect-error a run ends in one of three states
  b.waitForRun("state", { dag: "raw", states: ["running"] });
  // @ts-expect-error an interval is given by its start
  b.waitForRun("text", { dag: "raw", interval: "2026-01-01" });
  // @ts-expect-error what waits has no function of its own
  b.triggerDag("run", { dag: "marts", run: () => undefined });
  // @ts-expect-error an asset is a value, not its id
  b.task("outlet", { outlets: ["raw.orders"], run: () => undefined });
});

// @ts-expect-error all or any
dag("when", { schedule: { assets: [orders], when: "one" }, startDate: "2026-01-01" }, () => {});
