import { dag, type TaskRef } from "@tidemill/dag-core";

/** Forty tasks in a row that do nothing. */
export default dag("bench_chain", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
  const links: TaskRef[] = [];
  for (let link = 1; link <= 40; link++) {
    links.push(task(`link_${link}`, { after: links.slice(-1), run: () => {} }));
  }
});
