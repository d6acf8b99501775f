import { firstOfMonth, lastOfMonth } from "./days.ts";
import { draftOf, type History, type OrderDraft } from "./drafts.ts";
import type { SourceName } from "./people.ts";

type Patch = (draft: OrderDraft, history: History, source: SourceName) => Partial<OrderDraft>;

const byCustomer =
  (fromEnd: number): Patch =>
  (_, { scale }) => ({ customerId: scale.customers - fromEnd });

/** Some day of the draft, for those whose day matters. */
const created = ({ created: day }: OrderDraft): number => day ?? 0;

/** The first orders of each source: cases that any site has sooner or later. None of them stops the pipeline. */
const patches: Readonly<Record<number, Patch>> = {
  1: () => ({ created: null }),
  // The customers whose name, address or birthday is missing, or whose address is an empty text.
  2: byCustomer(1),
  3: byCustomer(2),
  4: byCustomer(3),
  5: byCustomer(4),
  // The second source has its prices with the craftsmen: its last one gives his work away.
  6: (_, { scale }, source) =>
    source === "source2"
      ? { craftsmanId: scale.craftsmen, productId: scale.craftsmen }
      : { price: 0 },
  7: (draft) => ({ status: "done", completed: created(draft) - 1 }),
  8: (draft) => ({ created: firstOfMonth(created(draft)), status: "created", completed: null }),
  9: (draft) => ({ created: lastOfMonth(created(draft) - 31), status: "created", completed: null }),
  // Two orders with one key of the fact.
  11: (_, history, source) => ({ ...draftOf(history, source, 10), status: "done" }),
  // A product that its craftsman does not make: only the second source can say so.
  12: (draft, { scale }, source) =>
    source === "source2" ? { productId: (draft.productId % scale.craftsmen) + 1 } : {},
  13: () => ({ status: "in progress", completed: null }),
  14: () => ({ status: "in progress", completed: null }),
};

/** The order as its source has it. */
export function oddOrder(history: History, source: SourceName, id: number): OrderDraft {
  const draft = draftOf(history, source, id);
  const patched = { ...draft, ...patches[id]?.(draft, history, source), id };
  if (id !== 11) return patched;
  return { ...patched, completed: patched.completed ?? created(patched) + 2 };
}
