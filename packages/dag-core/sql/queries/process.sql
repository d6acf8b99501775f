-- name: ProcessRegister :one
-- A scheduler or worker that begins.
insert into process (kind, host, pid, version, capacity)
values (@kind::text, @host::text, @pid::integer, @version::text, @capacity::integer)
returning process_id;

-- name: ProcessBeat :exec
-- A sign of life; changes nothing once the process was declared lost.
update process
set heartbeat_at = now()
where process_id = @process_id::bigint and state = 'alive';

-- name: ProcessEnd :exec
-- A process that stops in order.
update process
set state = 'ended', ended_at = now()
where process_id = @process_id::bigint and state = 'alive';

-- name: ProcessSilent :many
-- Processes whose heartbeat is older than the lease.
select process_id
from process
where state = 'alive' and heartbeat_at < now() - @lease_ms::bigint * interval '1 millisecond'
order by process_id;

-- name: ProcessLock :one
-- Locks a process that may be lost; what it wrote meanwhile is read by the next statement.
select process_id from process where process_id = @process_id::bigint and state = 'alive' for update;

-- name: ProcessLose :exec
-- Declares a process lost if it is still silent; read under its lock.
update process
set state = 'lost', ended_at = now()
where process_id = @process_id::bigint and state = 'alive'
  and heartbeat_at < now() - @lease_ms::bigint * interval '1 millisecond';

-- name: InstallationId :one
-- The identity of this installation.
select installation_id from installation;
