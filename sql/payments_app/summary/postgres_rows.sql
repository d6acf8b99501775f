-- target: rows of the warehouse by table
-- grain: one table of dimention, bi, dq
-- keys: table_name
-- reads: dimention.*, bi.*, dq.rejected_rows
-- params: none
select 'dimention.dim_client' as table_name, count(*) as row_count from dimention.dim_client
union all
select 'dimention.dim_merchant', count(*) from dimention.dim_merchant
union all
select 'dimention.dim_product', count(*) from dimention.dim_product
union all
select 'dimention.dim_payment_method', count(*) from dimention.dim_payment_method
union all
select 'dimention.dim_tariff', count(*) from dimention.dim_tariff
union all
select 'dimention.dim_channel', count(*) from dimention.dim_channel
union all
select 'dimention.dim_address', count(*) from dimention.dim_address
union all
select 'dimention.currency_rate', count(*) from dimention.currency_rate
union all
select 'bi.fct_payment', count(*) from bi.fct_payment
union all
select 'bi.fct_event', count(*) from bi.fct_event
union all
select 'bi.fct_session', count(*) from bi.fct_session
union all
select 'bi.fct_ad_spend', count(*) from bi.fct_ad_spend
union all
select 'bi.fct_contract', count(*) from bi.fct_contract
union all
select 'bi.fct_deal', count(*) from bi.fct_deal
union all
select 'bi.fct_partner_sale', count(*) from bi.fct_partner_sale
union all
select 'bi.fct_server_log', count(*) from bi.fct_server_log
union all
select 'bi.document', count(*) from bi.document
union all
select 'dq.rejected_rows', count(*) from dq.rejected_rows
