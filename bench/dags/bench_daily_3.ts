import { dag, type TaskRef } from "@tidemill/dag-core";

/** A day's tasks in a row, which do nothing. */
export default dag(
  "bench_daily_3",
  { schedule: "@daily", startDate: "2024-01-01", catchup: "none", maxActiveRuns: 100 },
  ({ task }) => {
    const steps: TaskRef[] = [];
    for (let step = 1; step <= 3; step++) {
      steps.push(task(`step_${step}`, { after: steps.slice(-1), run: () => {} }));
    }
  },
);
