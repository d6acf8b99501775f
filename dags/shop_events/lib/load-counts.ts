export {
  allStored,
  countsOf,
  type CountsRow,
  type LoadCounts,
  noRows,
} from "../../lib/load-counts.ts";
