export const triggerRules = [
  "all_success",
  "all_failed",
  "all_done",
  "all_done_min_one_success",
  "all_done_setup_success",
  "one_success",
  "one_failed",
  "one_done",
  "none_failed",
  "none_failed_min_one_success",
  "none_skipped",
  "all_skipped",
  "always",
] as const;
/**
 * What the states of the tasks before it let a task run; Airflow's thirteen rules. `all_success`, the default, waits for
 * all and runs if none failed or was skipped; rules with `done` wait for ends of any kind; those that begin with `one`
 * wait for no more than one; `always` waits for nothing.
 */
export type TriggerRule = (typeof triggerRules)[number];
