-- target: the files that have been loaded
-- grain: one file by its content
-- keys: file_name
-- reads: etl.loaded_file
-- params: none
select file_name, sha256 from etl.loaded_file
