import { campaigns, money, type Product } from "./catalogue.ts";
import { type Draft, instant } from "./draft.ts";
import { generateCampaignEvent } from "./generate-campaign-event.ts";
import type { Random } from "./random.ts";

/** What may go wrong on the way of an order's messages. */
export type OrderFault = "no_status" | "older_status_late" | "item_first" | "status_first";

export interface OrderOptions {
  readonly orderId: string;
  readonly userId: number;
  readonly at: number;
  /** The product of the purchase event. */
  readonly product: Product;
  readonly quantity: number;
  readonly fault?: OrderFault | undefined;
  /** Whether a campaign cost may be missing. */
  readonly faults?: boolean;
}

const statusWeights = [
  ["success", 0.75],
  ["pending", 0.15],
  ["failed", 0.07],
  ["cancelled", 0.03],
] as const;

const statusDraft = (
  { orderId, userId }: OrderOptions,
  status: string,
  at: number,
  sendAt: number,
): Draft => ({
  userId,
  sendAt,
  body: { type: "order_status", order_id: orderId, status, generated_at: instant(at) },
});

function statuses(random: Random, options: OrderOptions): Draft[] {
  const { at, fault } = options;
  const status = random.weighted(statusWeights);
  const decidedAt = at + random.integer(2_000, 20_000);
  if (fault === "no_status") return [];
  const sendAt = fault === "status_first" ? at - 2 : decidedAt;
  const last = statusDraft(options, status, decidedAt, sendAt);
  if (fault !== "older_status_late") return [last];
  return [last, statusDraft(options, "pending", at, decidedAt + 1)];
}

/** The messages of one order: order, item, status, and for three in ten the conversion of a campaign. */
export function generateOrder(random: Random, options: OrderOptions): Draft[] {
  const { orderId, userId, at, product, quantity, fault, faults = false } = options;
  const campaign = random.chance(0.3) ? random.pick(campaigns) : undefined;
  const order: Draft = {
    userId,
    sendAt: at,
    body: {
      type: "order",
      order_id: orderId,
      user_id: userId,
      order_ts: instant(at),
      total_usd: money(product.cents * quantity),
      ...(campaign && { campaign_id: campaign.campaignId }),
      generated_at: instant(at),
    },
  };
  const item: Draft = {
    userId,
    sendAt: fault === "item_first" ? at - 1 : at,
    body: {
      type: "order_item",
      order_id: orderId,
      product_id: product.productId,
      quantity,
      price_usd: money(product.cents),
      generated_at: instant(at),
    },
  };
  const noCost = faults && random.chance(0.1);
  const conversion = campaign && {
    ...generateCampaignEvent(random, { userId, at, campaign, action: "conversion", noCost }),
  };
  return [order, item, ...statuses(random, options), ...(conversion ? [conversion] : [])];
}
