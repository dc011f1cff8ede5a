/** A share of the contract in per cent, as a person writes it. */

/** Whether a text is an exact decimal from 0 to 100 with two places at most: `30`, `12.5`, `0`. */
export function isShare(text: string): boolean {
  return /^(100|[1-9]?[0-9](\.[0-9]{1,2})?)$/.test(text);
}
