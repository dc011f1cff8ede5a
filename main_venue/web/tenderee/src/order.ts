/** An order of things that a person moves one by one. */

/** The order with the thing at a place moved by one, up (-1) or down (1); as it was where there is no such place. */
export function moved(order: readonly string[], at: number, by: -1 | 1): readonly string[] {
  const one = order[at];
  const other = order[at + by];
  if (one === undefined || other === undefined) return order;
  return order.map((each, index) => (index === at ? other : index === at + by ? one : each));
}
