import { describe } from "@jest/globals";
import { testBatches } from "../../helpers/simulation/batches.ts";

describe("under faults and operators, in every order that chance comes upon", () => {
  testBatches([5, 6, 7, 8, 9]);
});
