-- target: the database payments_mart: copies of the facts, and the ten marts
-- grain: said above each table
-- keys: order by
-- reads: nothing
-- params: none
create database if not exists payments_mart;

-- One transaction; date and hour are those of Minsk.
create table if not exists payments_mart.payment (
  transaction_id UInt64,
  date Date,
  hour UInt8,
  ts DateTime64(3, 'UTC'),
  client_id UInt64,
  merchant_id UInt64,
  product_code LowCardinality(String),
  method LowCardinality(String),
  op_type LowCardinality(String),
  amount Decimal(18, 2),
  currency LowCardinality(String),
  amount_byn Decimal(18, 2),
  fee_byn Decimal(18, 2),
  cashback_byn Decimal(18, 2),
  revenue_byn Decimal(18, 2),
  status LowCardinality(String),
  session_id String
)
engine = MergeTree
partition by toYYYYMM(date)
order by (date, client_id, transaction_id);

-- One event of the app; a client of 0 is one that was not known yet.
create table if not exists payments_mart.event (
  event_id UInt64,
  date Date,
  ts DateTime64(3, 'UTC'),
  client_id UInt64,
  session_id String,
  event_name LowCardinality(String),
  screen LowCardinality(String),
  product_code LowCardinality(String)
)
engine = MergeTree
partition by toYYYYMM(date)
order by (date, client_id, event_id);

-- One session of the app.
create table if not exists payments_mart.session (
  session_id String,
  date Date,
  client_id UInt64,
  duration_s UInt32,
  platform LowCardinality(String),
  events UInt32,
  payments UInt32
)
engine = MergeTree
order by (date, client_id, session_id);

-- One person as known now.
create table if not exists payments_mart.client (
  client_id UInt64,
  region LowCardinality(String),
  city LowCardinality(String),
  gender LowCardinality(String),
  channel LowCardinality(String),
  registered_date Date,
  closed_date Nullable(Date)
)
engine = MergeTree
order by client_id;

-- One legal client as known now.
create table if not exists payments_mart.legal (
  legal_id UInt64,
  industry LowCardinality(String),
  size_class LowCardinality(String),
  registered_date Date,
  closed_date Nullable(Date)
)
engine = MergeTree
order by legal_id;

-- One merchant of the reference.
create table if not exists payments_mart.merchant (
  merchant_id UInt64,
  legal_id UInt64,
  name String,
  vertical LowCardinality(String),
  subtype LowCardinality(String),
  brand LowCardinality(String),
  chain LowCardinality(String),
  region LowCardinality(String)
)
engine = MergeTree
order by merchant_id;

-- One contract of a legal client.
create table if not exists payments_mart.contract (
  contract_id UInt64,
  legal_id UInt64,
  tariff LowCardinality(String),
  package LowCardinality(String),
  monthly_fee Decimal(18, 2),
  signed_at Date,
  valid_to Nullable(Date)
)
engine = MergeTree
order by (legal_id, contract_id);

-- One campaign of a channel on a day.
create table if not exists payments_mart.ad_spend (
  date Date,
  channel LowCardinality(String),
  campaign String,
  spend_byn Decimal(18, 2),
  installs UInt64
)
engine = MergeTree
order by (date, channel, campaign);

-- One day. ARPU and ARPPU look at the 30 days that end with it.
create table if not exists payments_mart.daily_kpi (
  date Date,
  dau UInt64,
  wau UInt64,
  mau UInt64,
  stickiness Decimal(9, 4),
  gpv Decimal(18, 2),
  revenue Decimal(18, 2),
  take_rate Decimal(9, 4),
  payments UInt64,
  payers UInt64,
  avg_check Decimal(18, 2),
  arpu Decimal(18, 2),
  arppu Decimal(18, 2),
  new_users UInt64,
  failed_rate Decimal(9, 4)
)
engine = MergeTree
order by date;

-- One client on a day, by method and kind of payment; what is no payment has neither.
create table if not exists payments_mart.client_daily (
  date Date,
  client_id UInt64,
  method LowCardinality(String),
  op_type LowCardinality(String),
  region LowCardinality(String),
  payments UInt64,
  gpv Decimal(18, 2),
  revenue Decimal(18, 2),
  events UInt64,
  sessions UInt64
)
engine = MergeTree
partition by toYYYYMM(date)
order by (date, client_id, method, op_type);

-- One client. Quintiles of recency, frequency and money: 5 is best, 0 is no payment yet.
create table if not exists payments_mart.client_ltv (
  client_id UInt64,
  channel LowCardinality(String),
  first_payment Nullable(Date),
  last_payment Nullable(Date),
  payments UInt64,
  gpv Decimal(18, 2),
  ltv Decimal(18, 2),
  rfm_recency UInt8,
  rfm_frequency UInt8,
  rfm_money UInt8,
  rfm String,
  state LowCardinality(String)
)
engine = MergeTree
order by client_id;

-- One month of registration, so many months later.
create table if not exists payments_mart.cohort_retention (
  cohort Date,
  months_since UInt16,
  cohort_size UInt64,
  active_users UInt64,
  retention Decimal(9, 4),
  cohort_ltv Decimal(18, 2),
  churn Nullable(Decimal(9, 4))
)
engine = MergeTree
order by (cohort, months_since);

-- Clients whose first launch was on a day, by channel and the step that they have reached since.
create table if not exists payments_mart.funnel_daily (
  date Date,
  channel LowCardinality(String),
  step_no UInt8,
  step LowCardinality(String),
  users UInt64,
  step_conversion Nullable(Decimal(9, 4)),
  cumulative_conversion Nullable(Decimal(9, 4))
)
engine = MergeTree
order by (date, channel, step_no);

-- One channel in a month; revenue is that of the users registered in it, to date.
create table if not exists payments_mart.channel_roi (
  month Date,
  channel LowCardinality(String),
  spend Decimal(18, 2),
  installs UInt64,
  new_users UInt64,
  first_payers UInt64,
  cac Nullable(Decimal(18, 2)),
  paying_cac Nullable(Decimal(18, 2)),
  revenue Decimal(18, 2),
  romi Nullable(Decimal(18, 3)),
  ltv_cac Nullable(Decimal(18, 3))
)
engine = MergeTree
order by (month, channel);

-- One merchant on a day with a payment.
create table if not exists payments_mart.merchant_daily (
  date Date,
  merchant_id UInt64,
  vertical LowCardinality(String),
  subtype LowCardinality(String),
  brand LowCardinality(String),
  chain LowCardinality(String),
  region LowCardinality(String),
  payments UInt64,
  payers UInt64,
  gpv Decimal(18, 2),
  fee Decimal(18, 2),
  cashback Decimal(18, 2),
  revenue Decimal(18, 2)
)
engine = MergeTree
partition by toYYYYMM(date)
order by (date, merchant_id);

-- One merchant in an hour of Minsk with a payment.
create table if not exists payments_mart.merchant_hourly (
  date Date,
  hour UInt8,
  merchant_id UInt64,
  payments UInt64,
  gpv Decimal(18, 2)
)
engine = MergeTree
partition by toYYYYMM(date)
order by (date, hour, merchant_id);

-- One legal client in a month since its registration.
create table if not exists payments_mart.legal_monthly (
  month Date,
  legal_id UInt64,
  industry LowCardinality(String),
  size_class LowCardinality(String),
  tariff LowCardinality(String),
  package LowCardinality(String),
  payments UInt64,
  turnover Decimal(18, 2),
  is_active UInt8,
  is_new UInt8,
  is_closed UInt8,
  mrr Decimal(18, 2)
)
engine = MergeTree
order by (month, legal_id);

-- One kind of merchant on a day; a chain is connected from its first payment on.
create table if not exists payments_mart.vertical_daily (
  date Date,
  vertical LowCardinality(String),
  subtype LowCardinality(String),
  payments UInt64,
  payers UInt64,
  gpv Decimal(18, 2),
  revenue Decimal(18, 2),
  connected_chains UInt64,
  reference_chains UInt64
)
engine = MergeTree
order by (date, vertical, subtype);
