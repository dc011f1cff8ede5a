/**
 * Who holds shares of the bids' keys, out of files: the tender's sealing policy (`tongchang custodian policy`), and
 * of each service what it says of itself (`GET /health`), or one file that has the services' keys already.
 */

import type { AppointCustodians } from "@tongchang/protocol/generated/messages.ts";

export interface Told {
  readonly project: string;
  readonly suite: AppointCustodians["suite"];
  readonly groups: AppointCustodians["groups"];
  /** Of a file that fixes it, ms. */
  readonly window_ms: number | null;
  /** Custodians whose service has not said by which key it signs. */
  readonly keyless: readonly string[];
  /** Custodians whose service says another public key than the tender document does. */
  readonly differing: readonly string[];
}

interface Service {
  readonly key: string;
  readonly public: string;
}

type Plain = Readonly<Record<string, unknown>>;

/** Reads the chosen files together; null where none of them is a policy, or one is no JSON. */
export function custodiansOf(texts: readonly string[]): Told | null {
  const files = texts.map(parsed);
  if (files.some((one) => one === null)) return null;
  const policy = (files as Plain[]).find((one) => Array.isArray(one["groups"]) && typeof one["project"] === "string");
  if (policy === undefined) return null;
  const services = new Map<string, Service>();
  for (const one of files as Plain[]) {
    if (typeof one["custodian"] !== "string" || typeof one["key"] !== "string") continue;
    services.set(one["custodian"], { key: one["key"], public: String(one["public"] ?? "") });
  }
  const keyless: string[] = [];
  const differing: string[] = [];
  const groups = (policy["groups"] as Plain[]).map((group) => ({
    group: String(group["group"] ?? ""),
    members: (Array.isArray(group["members"]) ? (group["members"] as Plain[]) : []).map((member) => {
      const custodian = String(member["custodian"] ?? "");
      const service = services.get(custodian);
      const key = typeof member["key"] === "string" ? member["key"] : (service?.key ?? "");
      const own = String(member["public"] ?? service?.public ?? "");
      if (key === "") keyless.push(custodian);
      if (service !== undefined && service.public !== "" && service.public !== own) differing.push(custodian);
      return { custodian, key, public: own };
    }),
    threshold: Number(group["threshold"] ?? 0),
  }));
  const window_ms = typeof policy["window_ms"] === "number" ? policy["window_ms"] : null;
  return { project: String(policy["project"]), suite: policy["suite"] as Told["suite"], groups, window_ms, keyless, differing };
}

/** The act's content: just its fields, as the record has them. */
export function appointing(told: Told, window_ms: number): AppointCustodians {
  const { project, suite, groups } = told;
  return { project, suite, groups, window_ms: told.window_ms ?? window_ms };
}

function parsed(text: string): Plain | null {
  try {
    const found: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Plain) : null;
  } catch {
    return null;
  }
}
