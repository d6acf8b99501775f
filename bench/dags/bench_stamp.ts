import { dag } from "@tidemill/dag-core";

/** One task, which tells when it began, in milliseconds of this machine's clock. */
export default dag(
  "bench_stamp",
  { schedule: null, startDate: "2026-01-01", maxActiveRuns: 1_000 },
  ({ task }) => {
    task("stamp", { run: () => performance.timeOrigin + performance.now() });
  },
);
