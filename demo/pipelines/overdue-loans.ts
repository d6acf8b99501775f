import { postgres } from "@tidemill/tasks/postgres";
import { overdueLoansSummary } from "../../dags/overdue_loans/lib/summary.ts";
import type { Pipeline } from "./pipeline.ts";

const today = "2025-01-01";
/** A week, and a day on which its notices have had their seven days. */
const noticeDays = ["09", "10", "11", "12", "13", "14", "15", "23"].map((day) => `2024-09-${day}`);

export const overdueLoans: Pipeline = {
  name: "overdue_loans",
  database: "overdue_loans",
  pass: [
    { dagId: "overdue_loans_prepare", params: { today } },
    { dagId: "overdue_loans_load", params: { all: true } },
    ...noticeDays.map((date) => ({ dagId: "overdue_notifications", params: { date } })),
  ],
  async summary(connections, signal) {
    const uri = connections["overdue_loans"] ?? "";
    await using warehouse = await postgres("overdue_loans").open(uri, signal);
    return await overdueLoansSummary(warehouse);
  },
};
