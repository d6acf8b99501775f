export interface Headline {
  readonly label: string;
  readonly value: string;
}

/** Rows of a table for people, in order of its columns. */
export type Answer = readonly Readonly<Record<string, string | number | null>>[];

/** What a pipeline has stored, and whether it agrees. */
export interface Summary {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Whether there is no problem. */
  readonly reconciled: boolean;
  /** What does not agree, each as a sentence. */
  readonly problems: readonly string[];
  readonly headlines: readonly Headline[];
  /** The questions that the pipeline answers, each with its table. */
  readonly answers?: Readonly<Record<string, Answer>>;
}

/** A row of the files that count tables; `bigint` comes as text. */
export interface CountRow {
  readonly table_name: string;
  readonly row_count: string | number;
}

export const rowsOf = (counted: readonly CountRow[]): Record<string, number> =>
  Object.fromEntries(counted.map((row) => [row.table_name, Number(row.row_count)]));

/** Puts questions one after another, each named with its file below `questions`. */
export async function answersOf(
  questions: Readonly<Record<string, string>>,
  ask: (file: string) => Promise<Answer>,
): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  for (const [question, file] of Object.entries(questions)) {
    answers[question] = await ask(`questions/${file}.sql`);
  }
  return answers;
}
