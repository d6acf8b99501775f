/**
 * Called once a run, when the shared Postgres has started and before the first test gets its
 * address: the place to make the migrated template database that test files clone.
 */
export async function prepareTemplate(_databaseUrl: string): Promise<void> {}
