import { dag } from "@tidemill/dag-core";

/** One task, which does nothing. */
export default dag(
  "bench_single",
  { schedule: null, startDate: "2026-01-01", maxActiveRuns: 1_000 },
  ({ task }) => {
    task("only", { run: () => {} });
  },
);
