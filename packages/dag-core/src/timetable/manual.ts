import type { Timetable } from "./timetable.ts";

/** Runs only when somebody asks for one. */
export const manualTimetable: Timetable = {
  isPeriodic: false,
  next: () => undefined,
  lastComplete: () => undefined,
  between: () => [],
  covering: () => undefined,
};
