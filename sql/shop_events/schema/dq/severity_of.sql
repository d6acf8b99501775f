-- target: dq.severity_of
-- grain: what a reason makes of a row: it waits for what it refers to, or it is refused for good
-- keys: none
-- reads: nothing
-- params: none
create or replace function dq.severity_of(reason_code text) returns text
language sql immutable parallel safe
return case
  when reason_code in ('user_missing', 'order_missing', 'campaign_missing') then 'waiting'
  else 'error'
end;
