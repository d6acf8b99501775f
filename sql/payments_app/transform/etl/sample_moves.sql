-- target: src_oracle.app_user
-- grain: the users who moved house and changed their name
-- keys: user_id
-- reads: nothing
-- params: rows
update src_oracle.app_user u
set full_name = r.name, address = r.address
from jsonb_to_recordset(@rows::jsonb) as r (id bigint, name text, address text)
where u.user_id = r.id;
