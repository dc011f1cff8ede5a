/** A seat's person as the record discloses it: a name, or what else the import put there. */

interface Person {
  readonly name?: unknown;
}

/** The name, where the allow-table shows it; null where it does not. */
export function personName(person: unknown): string | null {
  if (typeof person === "string") return person === "" ? null : person;
  if (typeof person !== "object" || person === null) return null;
  const { name } = person as Person;
  return typeof name === "string" && name !== "" ? name : null;
}
