-- target: none
-- grain: one rule, how many rows break it, and whether that stops the run
-- keys: name
-- reads: every layer
-- params: none
select 'staging, core and mart hold the same payments' as name, 'critical' as severity,
  (
    select count(*)
    from staging.payments s
    full join core.payments c using (client_id, loan_name, payment_number)
    full join mart.data_mart m using (client_id, loan_name, payment_number)
    where s.id is null
      or c.id is null
      or m.payment_date is null
  ) as broken
union all
select 'status says whether a payment was late or short', 'critical',
  (
    select count(*)
    from mart.data_mart
    where status <> (
      payment_fact_date::date > payment_date::date or paid_fact_amount < paid_amount
    )
  )
union all
select 'core agrees with staging', 'critical',
  (
    select count(*)
    from staging.payments s
    join core.payments c using (client_id, loan_name, payment_number)
    where (s.payment_date, s.payment_fact_date, s.paid_fact_amount) is distinct from (
      c.payment_date, c.payment_fact_date, c.paid_fact_amount
    )
  )
union all
select 'amounts of loans are positive', 'critical',
  (select count(*) from core.loans where loan_amount <= 0)
union all
select 'loans end after they start', 'warning',
  (select count(*) from core.loans where loan_end_date < loan_start_date)
union all
select 'loans have as many payments as they say', 'warning',
  (
    select count(*)
    from core.loans l
    where l.payment_numbers <> (
      select count(*)
      from core.payments p
      where p.client_id = l.client_id
        and p.loan_name = l.loan_name
    )
  )
union all
select 'files have no rejected record', 'warning',
  (select count(*) from dq.rejected_rows);
