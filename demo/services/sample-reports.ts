import { historyFiles, incrementFiles } from "../../dags/shop_sales/lib/generator/report-files.ts";
import { daysOfHistory, type Sample, seedOf } from "../../dags/shop_sales/lib/generator/sample.ts";
import type { ReportSource } from "./report-api.ts";

/** The reports of a sample. */
export function sampleReports(sample: Sample): ReportSource {
  const days = daysOfHistory(sample);
  return {
    key: seedOf(sample, "report"),
    startDay: days[0] ?? sample.today,
    endDay: days.at(-1) ?? sample.today,
    history: () => historyFiles(sample),
    increment: (day) => incrementFiles(sample, day),
  };
}
