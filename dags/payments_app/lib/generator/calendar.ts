const dayMs = 86_400_000;
/** Minsk has been three hours ahead of UTC since 2011. */
const minskMs = 3 * 3_600_000;

/** The days of a volume: day 0 is the first, the last one is the day before `today`. */
export class Calendar {
  readonly days: number;
  readonly #first: number;

  constructor(today: string, days: number) {
    this.days = days;
    this.#first = Date.parse(`${today}T00:00:00Z`) - days * dayMs;
  }

  /** `YYYY-MM-DD`. */
  date(day: number): string {
    return new Date(this.#first + day * dayMs).toISOString().slice(0, 10);
  }

  /** A moment of a day of Minsk, as an instant. */
  instant(day: number, secondOfDay: number): string {
    return new Date(this.#first + day * dayMs - minskMs + secondOfDay * 1_000).toISOString();
  }

  /** 1 for Monday. */
  weekday(day: number): number {
    return new Date(this.#first + day * dayMs).getUTCDay() || 7;
  }
}
