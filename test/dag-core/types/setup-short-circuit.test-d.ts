import { dag, type OutputOf } from "@tidemill/dag-core";
import { type Equal, expectTrue } from "./equal.ts";

export const clusters = dag(
  "clusters",
  { schedule: null, startDate: "2024-01-01", failFast: true },
  ({ task, setup, teardown, branch, shortCircuit, group }) => {
    const cluster = setup("create", { retries: 2, run: async () => ({ id: 7 }) });
    expectTrue<Equal<OutputOf<typeof cluster>, { id: number }>>();
    const work = task("work", { inputs: { cluster }, run: ({ inputs }) => inputs.cluster.id });
    teardown("delete", {
      of: [cluster],
      after: [work],
      inputs: { cluster },
      onFailureFailsRun: true,
      run: ({ inputs }) => {
        expectTrue<Equal<typeof inputs.cluster, { id: number } | undefined>>();
        // @ts-expect-error a teardown also runs where a setup put nothing out
        return inputs.cluster.id;
      },
    });
    // @ts-expect-error only a setup can be torn down
    teardown("wrong", { of: [work], run: () => 1 });
    // @ts-expect-error only a teardown says this
    task("loud", { onFailureFailsRun: true, run: () => 1 });

    const isOpen = shortCircuit("open", { after: [work], run: ({ runType }) => runType === "x" });
    expectTrue<Equal<OutputOf<typeof isOpen>, boolean>>();
    shortCircuit("near", { ignoreDownstreamTriggerRules: false, run: async () => true });
    // @ts-expect-error it answers yes or no
    shortCircuit("text", { run: () => "yes" });

    const some = branch("some", { cases: ["a", "b"], run: ({ runId }) => [runId ? "a" : "b"] });
    expectTrue<Equal<OutputOf<typeof some>, readonly ["a" | "b"]>>();
    const none = branch("none", { cases: ["a", "b"], run: () => undefined });
    expectTrue<Equal<OutputOf<typeof none>, undefined>>();
    task("in_a", { when: some.is("a"), run: () => 1 });
    // @ts-expect-error none of the cases
    branch("bad", { cases: ["a", "b"], run: () => ["c"] });

    group("inner", ({ setup: inGroup }) => inGroup("more", { run: () => 1 }));
  },
);
