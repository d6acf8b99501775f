-- target: bi.document
-- grain: one DOCX document as last received
-- keys: file_name
-- reads: nothing
-- params: name, sha256, size, content
insert into bi.document (file_name, size_bytes, sha256, content)
values (@name::text, @size::bigint, @sha256::text, @content::text)
on conflict (file_name) do update set
  size_bytes = excluded.size_bytes, sha256 = excluded.sha256, content = excluded.content;
