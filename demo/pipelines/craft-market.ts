import { postgres } from "@tidemill/tasks/postgres";
import { craftMarketSummary } from "../../dags/craft_market/lib/summary.ts";
import type { Pipeline } from "./pipeline.ts";

export const craftMarket: Pipeline = {
  name: "craft_market",
  database: "craft_market",
  pass: [{ dagId: "craft_market_dwh", params: { sources: "generated", scale: "demo" } }],
  async summary(connections, signal) {
    const address = connections["craft_market"] ?? "";
    await using warehouse = await postgres("craft_market").open(address, signal);
    return await craftMarketSummary(warehouse);
  },
};
