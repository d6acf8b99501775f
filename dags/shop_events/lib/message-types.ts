import {
  date,
  decimal,
  enrichSource,
  type FieldReader,
  integer,
  oneOf,
  real,
  required,
  temperature,
  text,
  timestamp,
} from "./message-fields.ts";

export const rawTables = [
  "user_profiles",
  "user_devices",
  "user_locations",
  "events",
  "orders",
  "order_items",
  "order_status_events",
  "campaign_events",
] as const;
export type RawTable = (typeof rawTables)[number];

const orderStatuses = ["pending", "success", "failed", "cancelled"] as const;

/** A type of message: its table, and each column with the field of the same name read for it. */
export interface MessageType {
  readonly table: RawTable;
  readonly fields: readonly (readonly [column: string, read: FieldReader])[];
}

const userId = ["user_id", required(text)] as const;
const generatedAt = ["generated_at", timestamp] as const;

const session: MessageType = {
  table: "events",
  fields: [userId, ["session_id", text], ["timestamp", required(timestamp)]],
};

const event: MessageType = {
  table: "events",
  fields: [
    userId,
    ["session_id", text],
    ["event_type", required(text)],
    ["product_id", integer],
    ["product_name", text],
    ["product_category", text],
    ["order_id", text],
    ["quantity", integer],
    ["city", text],
    ["country", text],
    ["lat", real],
    ["lon", real],
    ["cost_usd", decimal],
    ["cost_eur", decimal],
    ["cost_rub", decimal],
    ["weather_temp", temperature],
    ["weather_desc", text],
    ["timestamp", required(timestamp)],
    ["enrich_source", enrichSource],
  ],
};

/** What may be in the topic `user_events`, by the field `type`. */
export const messageTypes: Readonly<Record<string, MessageType>> = {
  event,
  signup: session,
  session_start: session,
  session_end: session,
  churn: session,
  user_profile: {
    table: "user_profiles",
    fields: [
      userId,
      ["name", text],
      ["email", text],
      ["birth_date", date],
      ["gender", text],
      generatedAt,
    ],
  },
  user_device: {
    table: "user_devices",
    fields: [userId, ["device_type", text], ["os", text], ["browser", text], generatedAt],
  },
  user_location: {
    table: "user_locations",
    fields: [
      userId,
      ["city", text],
      ["country", text],
      ["lat", real],
      ["lon", real],
      generatedAt,
      ["enrich_source", enrichSource],
    ],
  },
  order: {
    table: "orders",
    fields: [
      ["order_id", required(text)],
      userId,
      ["order_ts", required(timestamp)],
      ["total_usd", required(decimal)],
      ["campaign_id", text],
      generatedAt,
    ],
  },
  order_item: {
    table: "order_items",
    fields: [
      ["order_id", required(text)],
      ["product_id", required(integer)],
      ["quantity", required(integer)],
      ["price_usd", required(decimal)],
      generatedAt,
    ],
  },
  order_status: {
    table: "order_status_events",
    fields: [
      ["order_id", required(text)],
      ["status", required(oneOf(orderStatuses))],
      ["generated_at", required(timestamp)],
    ],
  },
  campaign_event: {
    table: "campaign_events",
    fields: [
      userId,
      ["campaign_id", required(text)],
      ["campaign_name", text],
      ["channel", text],
      ["action", text],
      ["cost", decimal],
      ["generated_at", required(timestamp)],
    ],
  },
};
