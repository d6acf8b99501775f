/** A message before it is sent. */
export interface Draft {
  /** Key of the message: what one user does stays in order. */
  readonly userId: number;
  /** Milliseconds since 1970 at which it is sent; later than its own time when it comes late. */
  readonly sendAt: number;
  readonly body: Readonly<Record<string, unknown>> | string;
}

export interface OutgoingDraft {
  readonly key: string;
  readonly value: string;
}

/** UTC without offset, as the columns hold it. */
export const instant = (at: number): string => new Date(at).toISOString();

export const outgoing = ({ userId, body }: Draft): OutgoingDraft => ({
  key: String(userId),
  value: typeof body === "string" ? body : JSON.stringify(body),
});
