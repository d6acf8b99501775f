-- target: the emulated sources
-- grain: all rows of another volume
-- keys: none
-- reads: nothing
-- params: none
truncate
  src_bitrix.crm_company, src_bitrix.crm_contact, src_bitrix.crm_deal, src_bitrix.crm_lead,
  src_payments.transactions, src_payments.operation_history, src_payments.ref_product,
  src_payments.ref_merchant, src_payments.app_event,
  src_oracle.legal_client, src_oracle.contract, src_oracle.app_user, src_oracle.user_setting,
  src_oracle.user_session,
  etl.generator_pass;
