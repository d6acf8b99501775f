import type { TaskContext } from "@tidemill/dag-core";
import type { LoadCounts } from "../../lib/load-counts.ts";
import { ddsLoad, type DdsLoadOptions } from "./dds-load.ts";

type Load = (ctx: TaskContext, mode?: DdsLoadOptions["mode"]) => Promise<LoadCounts>;

const loadOf =
  (name: string, sources: readonly string[]): Load =>
  (ctx, mode) =>
    ddsLoad(ctx, { target: `dds.${name}`, sources, file: `transform/dds/${name}.sql`, mode });

/** Users of profiles, and users seen in events, with their latest place. */
export const upsertUsersFromRaw = loadOf("users", [
  "raw.user_profiles",
  "raw.user_locations",
  "raw.events",
]);
/** Products and their categories, as events name them. */
export const loadProductsAndCategories = loadOf("products", ["raw.events"]);
/** Events of the ten kept types, each once; what does not pass goes to `dq.rejected_rows`. */
export const validateAndLoadEvents = loadOf("events", ["raw.events"]);
export const loadSessions = loadOf("sessions", ["dds.events"]);
/** Orders of the order messages of the event stream. */
export const loadOrdersFromEvents = loadOf("orders", ["raw.orders"]);
export const loadOrderItems = loadOf("order_items", ["raw.order_items"]);
/** Status events, and the status of their orders: the latest one wins, whatever the order of arrival. */
export const updateOrderStatuses = loadOf("order_status_events", ["raw.order_status_events"]);
export const loadUserDevices = loadOf("user_devices", ["raw.user_devices"]);
export const loadUserLocations = loadOf("user_locations", ["raw.user_locations"]);
export const loadCampaigns = loadOf("campaigns", ["raw.campaign_events"]);
export const loadCampaignEvents = loadOf("campaign_events", ["raw.campaign_events"]);
