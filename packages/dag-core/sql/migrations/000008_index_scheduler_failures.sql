create index event_scheduler_failure on event (at) where name = 'scheduler.tick_failed';
