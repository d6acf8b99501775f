import type { Command } from "commander";
import { dagsList } from "./dags-list.ts";
import { dagsListImportErrors } from "./dags-list-import-errors.ts";
import { dagsNextExecution } from "./dags-next-execution.ts";
import { dagsPause } from "./dags-pause.ts";
import { dagsShow } from "./dags-show.ts";
import { dagsTest } from "./dags-test.ts";

export function dags(parent: Command): void {
  dagsList(parent);
  dagsShow(parent);
  dagsNextExecution(parent);
  dagsPause(parent);
  dagsTest(parent);
  dagsListImportErrors(parent);
}
