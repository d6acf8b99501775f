/** Tables that are copied from the facts, each with its columns in the order of its query. */
export const copies = {
  payment:
    "transaction_id date hour ts client_id merchant_id product_code method op_type amount currency amount_byn fee_byn cashback_byn revenue_byn status session_id".split(
      " ",
    ),
  event: "event_id date ts client_id session_id event_name screen product_code".split(" "),
  session: "session_id date client_id duration_s platform events payments".split(" "),
  client: "client_id region city gender channel registered_date closed_date".split(" "),
  legal: "legal_id industry size_class registered_date closed_date".split(" "),
  merchant: "merchant_id legal_id name vertical subtype brand chain region".split(" "),
  contract: "contract_id legal_id tariff package monthly_fee signed_at valid_to".split(" "),
  ad_spend: "date channel campaign spend_byn installs".split(" "),
} as const satisfies Record<string, readonly string[]>;

export type Copy = keyof typeof copies;

/** Workers of the copy, each with what it copies one after the other; about equal in rows. */
export const workers: readonly (readonly Copy[])[] = [
  ["payment"],
  ["event"],
  ["session", "client"],
  ["legal", "merchant", "contract", "ad_spend"],
];

/** The marts in the order of their aggregation, each with its columns in the order of its query. */
export const marts = {
  daily_kpi:
    "date dau wau mau stickiness gpv revenue take_rate payments payers avg_check arpu arppu new_users failed_rate".split(
      " ",
    ),
  client_daily: "date client_id method op_type region payments gpv revenue events sessions".split(
    " ",
  ),
  client_ltv:
    "client_id channel first_payment last_payment payments gpv ltv rfm_recency rfm_frequency rfm_money rfm state".split(
      " ",
    ),
  cohort_retention: "cohort months_since cohort_size active_users retention cohort_ltv churn".split(
    " ",
  ),
  funnel_daily: "date channel step_no step users step_conversion cumulative_conversion".split(" "),
  channel_roi:
    "month channel spend installs new_users first_payers cac paying_cac revenue romi ltv_cac".split(
      " ",
    ),
  merchant_daily:
    "date merchant_id vertical subtype brand chain region payments payers gpv fee cashback revenue".split(
      " ",
    ),
  merchant_hourly: "date hour merchant_id payments gpv".split(" "),
  legal_monthly:
    "month legal_id industry size_class tariff package payments turnover is_active is_new is_closed mrr".split(
      " ",
    ),
  vertical_daily:
    "date vertical subtype payments payers gpv revenue connected_chains reference_chains".split(
      " ",
    ),
} as const satisfies Record<string, readonly string[]>;

export type Mart = keyof typeof marts;
export const martNames = Object.keys(marts) as readonly Mart[];
