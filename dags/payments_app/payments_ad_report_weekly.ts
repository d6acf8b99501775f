import { dag } from "@tidemill/dag-core";
import { loadAdReports, refreshChannelRoi, reportPattern, senseFiles } from "./lib/new-files.ts";

export default dag(
  "payments_ad_report_weekly",
  {
    description: "Loads the agency's weekly Excel reports and what the channels returned.",
    schedule: "0 2 * * 1",
    timezone: "Europe/Minsk",
    startDate: "2024-01-01",
    catchup: "latest",
    maxActiveRuns: 1,
    timeout: "2h",
    tags: ["payments_app", "ads"],
    alerts: { onFailure: true },
    defaults: { retries: 2, retryDelay: "5m", timeout: "30m" },
  },
  ({ task, sensor }) => {
    const sensed = sensor("sense_excel", {
      every: "10m",
      timeout: "1h",
      poke: (ctx) => senseFiles(ctx, reportPattern),
    });
    const loaded = task("load_ad_report", { after: [sensed], run: loadAdReports });
    task("refresh_channel_roi", { after: [loaded], run: refreshChannelRoi });
  },
);
