import { type Campaign, campaigns, money } from "./catalogue.ts";
import { type Draft, instant } from "./draft.ts";
import type { Random } from "./random.ts";

const campaignActions = ["view", "click", "conversion"] as const;

export interface CampaignEventOptions {
  readonly userId: number;
  readonly at: number;
  /** Defaults to a random one. */
  readonly campaign?: Campaign;
  /** Defaults to a view or a click. */
  readonly action?: (typeof campaignActions)[number];
  /** Leaves the cost out. */
  readonly noCost?: boolean;
}

/** A user meets a campaign; the cost is its base cost, give or take a fifth. */
export function generateCampaignEvent(random: Random, options: CampaignEventOptions): Draft {
  const { userId, at, noCost = false } = options;
  const campaign = options.campaign ?? random.pick(campaigns);
  const action = options.action ?? random.pick(["view", "click"] as const);
  const cents = Math.round(campaign.cents * (0.8 + random.fraction() * 0.4));
  const body = {
    type: "campaign_event",
    user_id: userId,
    campaign_id: campaign.campaignId,
    campaign_name: campaign.name,
    channel: campaign.channel,
    action,
    cost: noCost ? null : money(cents),
    generated_at: instant(at),
  };
  return { userId, sendAt: at, body };
}
