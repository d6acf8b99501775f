import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import {
  loadCampaignEvents,
  loadCampaigns,
  loadOrderItems,
  loadOrdersFromEvents,
  loadProductsAndCategories,
  loadSessions,
  loadUserDevices,
  loadUserLocations,
  updateOrderStatuses,
  upsertUsersFromRaw,
  validateAndLoadEvents,
} from "./lib/raw-to-dds.ts";

export default dag(
  "raw_to_dds_enhanced",
  {
    description: "Cleans what is new in raw and adds it to the entities of dds.",
    schedule: "@hourly",
    startDate: "2024-01-01",
    catchup: "latest",
    maxActiveRuns: 1,
    timeout: "1h",
    tags: ["shop_events", "dds"],
    params: z.object({
      /** `interval` reads by event time and moves no watermark. Defaults to `interval` in a backfill. */
      mode: z.enum(["increment", "interval"]).optional(),
    }),
    defaults: { retries: 2, retryDelay: "5m", timeout: "20m" },
  },
  ({ task }) => {
    const users = task("upsert_users", {
      run: (ctx) => upsertUsersFromRaw(ctx, ctx.params.mode),
    });
    task("load_user_devices", {
      after: [users],
      run: (ctx) => loadUserDevices(ctx, ctx.params.mode),
    });
    task("load_user_locations", {
      after: [users],
      run: (ctx) => loadUserLocations(ctx, ctx.params.mode),
    });
    const products = task("load_products", {
      run: (ctx) => loadProductsAndCategories(ctx, ctx.params.mode),
    });
    const events = task("load_events", {
      after: [users],
      run: (ctx) => validateAndLoadEvents(ctx, ctx.params.mode),
    });
    task("load_sessions", {
      after: [events],
      run: (ctx) => loadSessions(ctx, ctx.params.mode),
    });
    const orders = task("load_orders", {
      after: [events, users, products],
      run: (ctx) => loadOrdersFromEvents(ctx, ctx.params.mode),
    });
    task("update_order_statuses", {
      after: [orders],
      run: (ctx) => updateOrderStatuses(ctx, ctx.params.mode),
    });
    task("load_order_items", {
      after: [orders, products],
      run: (ctx) => loadOrderItems(ctx, ctx.params.mode),
    });
    const campaigns = task("load_campaigns", {
      after: [users],
      run: (ctx) => loadCampaigns(ctx, ctx.params.mode),
    });
    task("load_campaign_events", {
      after: [campaigns, users],
      run: (ctx) => loadCampaignEvents(ctx, ctx.params.mode),
    });
  },
);
