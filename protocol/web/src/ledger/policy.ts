/** Trust policies (C2SP tlog-policy) as a page reads them: whose lines are known, and which of them are enough. */

import { NoteFault, type NoteKey, readKey } from "./note.ts";

export interface Cosigner {
  readonly name: string;
  readonly key: NoteKey;
}

interface Group {
  readonly name: string;
  readonly least: number;
  readonly members: readonly string[];
}

export interface Policy {
  readonly logs: readonly NoteKey[];
  readonly cosigners: readonly Cosigner[];
  readonly groups: readonly Group[];
  readonly quorum: string;
}

const NONE = "none";

/** The policy in a text; throws `NoteFault` for any other form. */
export async function readPolicy(text: string): Promise<Policy> {
  const logs: NoteKey[] = [];
  const cosigners: Cosigner[] = [];
  const groups: Group[] = [];
  let quorum = "";
  for (const row of text.split("\n")) {
    const [word = "", ...rest] = row.trim().split(/[ \t]+/);
    const [first = "", second = "", ...more] = rest;
    if (word === "" || word.startsWith("#")) continue;
    if (word === "log") logs.push(await readKey(first));
    else if (word === "witness") cosigners.push({ name: first, key: await readKey(second) });
    else if (word === "group") groups.push({ name: first, least: least(second, more.length), members: more });
    else if (word === "quorum" && quorum === "") quorum = first;
    else throw new NoteFault("no trust policy");
  }
  if (quorum === "" || logs.length === 0) throw new NoteFault("no trust policy");
  return { logs, cosigners, groups, quorum };
}

/** Whether these cosigners, by the policy's names, are a quorum. */
export function isMet(policy: Policy, cosigned: readonly string[]): boolean {
  const met = new Set(cosigned.filter((name) => policy.cosigners.some((one) => one.name === name)));
  for (const group of policy.groups) {
    if (group.members.filter((member) => met.has(member)).length >= group.least) met.add(group.name);
  }
  return policy.quorum === NONE || met.has(policy.quorum);
}

/** Whether no milestone is reached without a cosigner, whoever else has cosigned (硬等待, SPEC 27.4). */
export function awaits(policy: Policy, name: string): boolean {
  return !isMet(policy, policy.cosigners.map((one) => one.name).filter((one) => one !== name));
}

function least(text: string, count: number): number {
  const found = text === "all" ? count : text === "any" ? 1 : Number(text);
  if (!Number.isSafeInteger(found) || found < 1 || found > count) throw new NoteFault("a group that can never be met");
  return found;
}
