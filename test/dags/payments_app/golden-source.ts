import type { Row, Warehouse } from "./warehouse.ts";

const user = (id: number, channel: string, day: string): Row => ({
  user_id: id,
  full_name: `User ${id}`,
  birth_date: "1990-01-31",
  gender: "female",
  address: "Minsk, Lenina 5",
  channel,
  registered_at: `${day}T09:00:00Z`,
});

/** A transaction of the app at noon of a day, in good order but for what is named. */
export const transaction = (id: number, userId: number, day: string, fields: Row): Row => ({
  transaction_id: id,
  trans_date: `${day}T12:00:00Z`,
  payer_user_id: userId,
  merchant_id: 1,
  product_code: "groceries",
  operation_type: "purchase",
  payment_method: "card",
  amount: "10.00",
  currency: "BYN",
  fee_amount: "0.20",
  cashback_amount: "0.00",
  status: "success",
  ...fields,
});

/** The people, payments and events of the golden case, in the sources that they come from. */
export async function goldenSource(app: Warehouse): Promise<void> {
  await app.insert("src_oracle.app_user", [
    user(1, "A", "2024-03-01"),
    user(2, "A", "2024-03-05"),
    user(3, "B", "2024-03-10"),
  ]);
  await app.insert("src_oracle.legal_client", [
    {
      legal_id: 1,
      name: "Shop",
      unp: "100",
      industry: "retail",
      size_class: "small",
      registered_at: "2024-01-10T09:00:00Z",
    },
  ]);
  await app.insert("src_oracle.contract", [
    {
      contract_id: 1,
      legal_id: 1,
      tariff_code: "base",
      package_code: "start",
      monthly_fee: "50.00",
      signed_at: "2024-01-10",
    },
  ]);
  await app.insert("src_payments.ref_merchant", [
    {
      merchant_id: 1,
      legal_id: 1,
      name: "Shop",
      vertical: "grocery",
      subtype: "grocery_chain",
      brand: "Shop",
      chain: "Shop",
      address: "Minsk, Lenina 5",
    },
  ]);
  await app.insert("src_payments.transactions", [
    transaction(1, 1, "2024-03-02", {
      amount: "100.00",
      fee_amount: "2.00",
      cashback_amount: "0.50",
    }),
    transaction(2, 1, "2024-03-20", { amount: "50.00", currency: "USD", fee_amount: "1.00" }),
    transaction(3, 3, "2024-03-12", { amount: "1000.00", currency: "RUB", fee_amount: "20.00" }),
    transaction(4, 2, "2024-03-06", { status: "failed" }),
  ]);
  await app.insert("src_payments.app_event", [
    { event_id: 1, user_id: 2, event_ts: "2024-03-06T12:00:00Z", event_name: "screen_view" },
    { event_id: 2, user_id: 1, event_ts: "2024-04-10T12:00:00Z", event_name: "screen_view" },
  ]);
  await app.query(
    `insert into bi.fct_ad_spend (date, channel, campaign, spend_byn, installs, impressions, clicks, file_name)
     values ('2024-03-04', 'A', 'spring', 20, 3, 100, 10, 'golden'),
            ('2024-03-04', 'B', 'spring', 10, 2, 100, 10, 'golden')`,
  );
  await app.rates("2024-02-20", "2024-04-30", [
    { code: "USD", scale: 1, officialRate: "3.2000" },
    { code: "RUB", scale: 100, officialRate: "3.5000" },
  ]);
}
