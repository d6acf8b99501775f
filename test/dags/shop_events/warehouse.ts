import { testContext } from "@tidemill/dag-core/testing";
import { shopEvents } from "../../../dags/connections.ts";
import { initSchema } from "../../../dags/shop_events/lib/init-schema.ts";
import { landMessages, type Landed } from "../../../dags/shop_events/lib/land-messages.ts";
import type { LoadCounts } from "../../../dags/lib/load-counts.ts";
import type { Mart } from "../../../dags/shop_events/lib/marts.ts";
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
} from "../../../dags/shop_events/lib/raw-to-dds.ts";
import { runSqlFile } from "../../../dags/shop_events/lib/sql-file.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

type Row = Record<string, unknown>;
/** In the order of the DAG. */
const loads = {
  upsertUsersFromRaw,
  loadUserDevices,
  loadUserLocations,
  loadProductsAndCategories,
  validateAndLoadEvents,
  loadSessions,
  loadOrdersFromEvents,
  updateOrderStatuses,
  loadOrderItems,
  loadCampaigns,
  loadCampaignEvents,
};
type LoadName = keyof typeof loads;
const order = Object.keys(loads) as readonly LoadName[];

export interface TransformOptions {
  readonly mode?: "increment" | "interval";
  readonly dataInterval?: { readonly start: string; readonly end: string };
  /** Defaults to all loads in the order of the DAG. */
  readonly only?: readonly LoadName[];
}

/** A warehouse of its own with the schema in it; messages get offsets of one partition, in order. */
export async function warehouse() {
  const target = await targetDatabase();
  const connections = { shop_events: target.uri };
  let offset = 0;
  await using setup = testContext({ connections });
  await initSchema(setup);

  const landAt = async (
    from: number,
    messages: readonly (object | string | null)[],
  ): Promise<Landed> => {
    await using ctx = testContext({ connections });
    const batch = messages.map((message, index) => ({
      partition: 0,
      offset: String(from + index),
      value:
        message === null
          ? null
          : Buffer.from(typeof message === "string" ? message : JSON.stringify(message)),
      timestamp: "0",
    }));
    const db = await ctx.open(shopEvents);
    return await db.transaction(landMessages({ topic: "user_events", runId: "r", batch }));
  };
  /** Stores messages; objects are sent as JSON, texts as they are. */
  const land = async (...messages: readonly (object | string | null)[]): Promise<Landed> => {
    const from = offset;
    offset += messages.length;
    return landAt(from, messages);
  };
  const transform = async ({ only = order, ...options }: TransformOptions = {}) => {
    const counts: Partial<Record<LoadName, LoadCounts>> = {};
    for (const name of only) {
      await using ctx = testContext({
        connections,
        taskId: name,
        ...(options.dataInterval && { dataInterval: options.dataInterval }),
      });
      counts[name] = await loads[name](ctx, options.mode);
    }
    return counts as Record<LoadName, LoadCounts>;
  };
  const mart = async (name: Mart, values: Row = {}): Promise<Row[]> => {
    await using ctx = testContext({ connections });
    const given = { as_of: "2024-05-10", clip_outliers: false, ...values };
    const db = await ctx.open(shopEvents);
    return (await runSqlFile<Row>(db, `transform/data_mart/${name}.sql`, given)).rows;
  };
  return { ...target, connections, land, landAt, transform, mart };
}

export type Warehouse = Awaited<ReturnType<typeof warehouse>>;

const uuid = (prefix: string, id: number): string =>
  `${prefix}0000000-0000-4000-8000-${String(id).padStart(12, "0")}`;
export const sessionId = (id: number): string => uuid("a", id);
export const orderId = (id: number): string => uuid("b", id);

/** Messages of the topic, each with what a test does not name filled in. */
export const message = {
  profile: (userId: number, fields: object = {}) => ({
    type: "user_profile",
    user_id: userId,
    name: `User ${userId}`,
    email: `user${userId}@example.com`,
    birth_date: "1990-01-31",
    gender: "female",
    generated_at: "2024-05-01T00:00:00Z",
    ...fields,
  }),
  start: (userId: number, session: number, timestamp: string) => ({
    type: "session_start",
    user_id: userId,
    session_id: sessionId(session),
    timestamp,
  }),
  end: (userId: number, session: number, timestamp: string) => ({
    type: "session_end",
    user_id: userId,
    session_id: sessionId(session),
    timestamp,
  }),
  event: (userId: number, session: number, timestamp: string, fields: object = {}) => ({
    type: "event",
    user_id: userId,
    session_id: sessionId(session),
    event_type: "view_page",
    timestamp,
    ...fields,
  }),
  order: (id: number, userId: number, orderTs: string, total: string, fields: object = {}) => ({
    type: "order",
    order_id: orderId(id),
    user_id: userId,
    order_ts: orderTs,
    total_usd: total,
    generated_at: orderTs,
    ...fields,
  }),
  item: (id: number, productId: number, quantity: number, price: string) => ({
    type: "order_item",
    order_id: orderId(id),
    product_id: productId,
    quantity,
    price_usd: price,
    generated_at: "2024-05-01T00:00:00Z",
  }),
  status: (id: number, status: string, generatedAt: string) => ({
    type: "order_status",
    order_id: orderId(id),
    status,
    generated_at: generatedAt,
  }),
  campaign: (userId: number, generatedAt: string, fields: object = {}) => ({
    type: "campaign_event",
    user_id: userId,
    campaign_id: "camp1",
    campaign_name: "Spring Tide",
    channel: "email",
    action: "view",
    cost: "100.00",
    generated_at: generatedAt,
    ...fields,
  }),
  device: (userId: number, generatedAt: string, fields: object = {}) => ({
    type: "user_device",
    user_id: userId,
    device_type: "mobile",
    os: "Android",
    browser: "Chrome",
    generated_at: generatedAt,
    ...fields,
  }),
  location: (userId: number, generatedAt: string, fields: object = {}) => ({
    type: "user_location",
    user_id: userId,
    city: "Riga",
    country: "Latvia",
    lat: 56.95,
    lon: 24.11,
    generated_at: generatedAt,
    ...fields,
  }),
} as const;
