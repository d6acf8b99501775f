import { RunnerProcess } from "./runner-process.ts";

new RunnerProcess(process).start();
