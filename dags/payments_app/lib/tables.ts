/** Where a staged table comes from. */
export type SourceName = "bitrix" | "payments" | "oracle" | "files";

/**
 * `window`: rows of the batch's days. `full`: all rows, since nothing tells when they changed. `compare`: all rows,
 * of which those that say what is stored already are left out.
 */
export type ExtractMode = "window" | "full" | "compare";

export interface SourceTable {
  readonly mode: ExtractMode;
  readonly columns: readonly string[];
}

const of = (mode: ExtractMode, columns: string): SourceTable => ({
  mode,
  columns: columns.split(" "),
});

/** Tables of the databases, in the order in which each database is asked. */
export const sourceTables = {
  bitrix: {
    crm_company: of("window", "id title unp industry updated_at"),
    crm_contact: of("window", "id name updated_at"),
    crm_deal: of("window", "id company_id stage amount tariff_code opened_at closed_at"),
    crm_lead: of("window", "id channel created_at"),
  },
  payments: {
    transactions: of(
      "window",
      "transaction_id trans_date payer_user_id merchant_id product_code operation_type payment_method amount currency fee_amount cashback_amount status session_id",
    ),
    operation_history: of("window", "transaction_id status changed_at"),
    ref_product: of("full", "product_code name updated_at"),
    ref_merchant: of("full", "merchant_id legal_id name vertical subtype brand chain address"),
    app_event: of(
      "window",
      "event_id user_id session_id event_ts event_name screen product_code props",
    ),
  },
  oracle: {
    legal_client: of("compare", "legal_id name unp industry size_class registered_at closed_at"),
    contract: of(
      "full",
      "contract_id legal_id tariff_code package_code monthly_fee signed_at valid_to",
    ),
    app_user: of(
      "compare",
      "user_id full_name birth_date gender address channel registered_at blocked_at",
    ),
    user_setting: of("window", "user_id name value updated_at"),
    user_session: of("window", "session_id user_id started_at ended_at platform app_version"),
  },
} as const satisfies Record<Exclude<SourceName, "files">, Record<string, SourceTable>>;

export type DatabaseName = keyof typeof sourceTables;

/** Columns of what files give; the name of the file and the number of the line come last. */
export const fileTables = {
  sales_csv: "sale_id sold_at merchant_id product_code quantity amount currency comment".split(" "),
  server_log: "logged_at level service message".split(" "),
  ad_report: "spend_date channel campaign impressions clicks installs spend currency".split(" "),
} as const;
