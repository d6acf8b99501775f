const { default: Sequencer } = require("@jest/test-sequencer");

/**
 * The files that take longest, in the order to start them: those that wait and those that compute by turns. Jest knows
 * how long a file took only where it has run before; on a new machine it would begin with the largest.
 * `demo/start` and `packed/packed` stand far apart: their stacks would take the same ports first.
 */
const first = [
  "dag-core/faults/matrix-database",
  "dag-core/simulation/more-schedules",
  "dag-core/faults/matrix-clock",
  "dag-core/simulation/schedules",
  "dag-core/faults/matrix-processes",
  "dag-core/rules/schedule-life",
  "dag-core/faults/matrix-code",
  "demo/start",
  "dag-core/alerts/webhook",
  "dags/shop_events/daemon",
  "dag-core/alerts/reasons",
  "dag-core/cli/run",
  "dags/shop_events/raw-to-dds",
  "dag-core/faults/matrix-runner",
  "dag-core/cli/misuse",
  "dag-core/alerts/sender",
  "dags/payments_app/pipeline",
  "dag-core/rules/limits-model",
  "dag-core/faults/kill",
  "dag-core/executor/faults",
  "dags/shop_events/pipeline",
  "dag-core/alerts/grouping",
  "packed/packed",
  "tasks/kafka/consume",
  "dag-core/executor/imports",
  "dag-core/faults/database",
  "local/kafka",
  "regress/010",
  "dags/payments_app/faults",
  "local/restarts",
  "dags/craft_market/bad-input",
  "regress/012",
  "dag-core/cli/user-code",
  "dag-core/scheduler/limits-store",
];

const rankOf = ({ path }) => {
  const rank = first.findIndex((part) => path.includes(`/test/${part}`));
  return rank < 0 ? first.length : rank;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
};
