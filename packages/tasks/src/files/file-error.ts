import { type TidemillError, tidemillError } from "@tidemill/dag-core";

/** The error of a file that cannot be read as what it should be. */
export const fileError = (
  name: string,
  problem: string,
  remedy: string,
  cause?: unknown,
): TidemillError =>
  tidemillError(
    "TIDEMILL_INPUT_INVALID",
    { subject: `File "${name}"`, problem, remedy },
    cause === undefined ? {} : { cause },
  );
