import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { batchParams } from "./lib/batch.ts";
import { extractFiles } from "./lib/extract-files.ts";
import { extractDatabase } from "./lib/extract.ts";
import { geocodeNew } from "./lib/geocode.ts";
import { aggregateAll, copyTables } from "./lib/load-clickhouse.ts";
import { workers } from "./lib/marts.ts";
import { docxPattern, loadDocuments, senseFiles } from "./lib/new-files.ts";
import { notify } from "./lib/notify.ts";
import { biFacts, cleanup, transform, validate } from "./lib/procedures.ts";
import { extractRates } from "./lib/rates.ts";

/** Sources at once, of all runs and all pipelines that share the key. */
const extraction = { key: "payments_app.extract", limit: 3 };

export default dag(
  "payments_dwh_daily",
  {
    description: "Loads the previous day of the payments app: stage, dimention, bi, ClickHouse.",
    schedule: "30 0 * * *",
    timezone: "Europe/Minsk",
    startDate: "2024-01-01",
    catchup: "latest",
    maxActiveRuns: 1,
    timeout: "6h",
    tags: ["payments_app", "dwh"],
    alerts: { onFailure: true },
    params: z.object({
      ...batchParams,
      /** `offline` asks no outside service. Defaults to `PROVIDER_MODE`. */
      providers: z.enum(["auto", "offline"]).optional(),
    }),
    defaults: { retries: 2, retryDelay: "5m", timeout: "2h" },
  },
  ({ task, sensor }) => {
    const cleaned = task("cleanup", { run: cleanup });
    const after = [cleaned];
    const databases = (["mysql", "pg", "oracle"] as const).map((name) => {
      const database = ({ mysql: "bitrix", pg: "payments", oracle: "oracle" } as const)[name];
      return task(`extract_${name}`, {
        after,
        concurrencyKey: extraction,
        run: (ctx) => extractDatabase(ctx, database),
      });
    });
    const files = task("extract_files", { after, concurrencyKey: extraction, run: extractFiles });
    const rates = task("extract_nbrb", { after, concurrencyKey: extraction, run: extractRates });
    const checked = task("validate", {
      after: [...databases, files, rates],
      retries: 0,
      run: validate,
    });
    const geocoded = task("geocode_new", { after: [checked], run: geocodeNew });
    const transformed = task("transform", { after: [geocoded], run: transform });
    const facts = task("bi_facts", { after: [transformed], run: biFacts });
    const copied = workers.map((tables, index) =>
      task(`ch_load_${index + 1}`, { after: [facts], run: (ctx) => copyTables(ctx, tables) }),
    );
    const aggregated = task("ch_aggregates", { after: copied, run: aggregateAll });
    task("notify", { after: [aggregated], run: notify });

    const documents = sensor("sense_docx", {
      every: "1m",
      timeout: "10m",
      poke: (ctx) => senseFiles(ctx, docxPattern),
    });
    task("load_docx", { after: [documents], run: loadDocuments });
  },
);
