import { afterEach, beforeEach } from "@jest/globals";

/**
 * Opens what a file's tests share in form, anew before each of them, and disposes of it after each.
 *
 * @param use Puts the parts where the tests find them.
 * @example eachTest(singleEngine, (made) => void ({ db, one, client } = made));
 */
export function eachTest<Fixture extends AsyncDisposable>(
  open: () => Promise<Fixture>,
  use: (made: Fixture) => void,
): void {
  let fixture: Fixture | undefined;
  beforeEach(async () => {
    fixture = await open();
    use(fixture);
  });
  afterEach(async () => {
    await fixture?.[Symbol.asyncDispose]();
    fixture = undefined;
  });
}
