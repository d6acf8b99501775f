import { dag } from "@tidemill/dag-core";

/** Tasks that do nothing, side by side, and one that waits for all of them. */
export default dag(
  "bench_wide_1000",
  { schedule: null, startDate: "2026-01-01" },
  ({ each, task }) => {
    const wide = each("wide", {
      over: Array.from({ length: 1000 }, (_, at) => at),
      run: () => null,
    });
    task("fan_in", { after: [wide], run: () => {} });
  },
);
