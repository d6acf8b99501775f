import type { LoadContext } from "../load-context.ts";

/** A notice as a provider is given it. */
export interface Notice {
  readonly id: string;
  /** Equal for every try of one notice, so that the other side can tell a repetition. */
  readonly key: string;
  readonly channel: string;
  readonly template: string;
  readonly clientId: number;
  readonly clientName: string;
  readonly phone: string | null;
  readonly loanName: string;
  readonly paymentNumber: number;
  /** What is missing, in whole roubles. */
  readonly shortfall: number;
}

/** A way to hand notices over. */
export interface NotificationProvider {
  readonly name: string;
  /** Whether somebody outside gets the notice; such a one is never given notices of days that are gone. */
  readonly reachesPeople: boolean;
  /** Hands a notice over and answers with the provider's own id of it; throws where it was not taken. */
  send(ctx: LoadContext, notice: Notice): Promise<string>;
}
