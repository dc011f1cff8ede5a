/** The evaluation report as the main venue builds it (main_venue/report.py, version 1). */

import type { Evaluation } from "../generated/messages.ts";

export interface ReportLot {
  readonly lot: string;
  readonly envelope: string;
  readonly bids: readonly { readonly bidder: string; readonly code: string; readonly name: string | null; readonly price: string | null }[];
  readonly rejected: readonly { readonly bidder: string; readonly ground: string }[];
  readonly draws: Readonly<Record<string, string>>;
  readonly evaluation: Evaluation;
  readonly candidates: readonly string[];
}

export interface Report {
  readonly v: 1;
  readonly session: string;
  readonly tender: string;
  readonly title: string;
  readonly notice: string;
  readonly committee: readonly { readonly seat: string; readonly venue: string; readonly kind: string }[];
  readonly lots: readonly ReportLot[];
}

/** The report behind its digest; null where it has another form, which is then shown as it stands. */
export function reportOf(text: string): Report | null {
  try {
    const found = JSON.parse(text) as Partial<Report> | null;
    return found?.v === 1 && Array.isArray(found.lots) && Array.isArray(found.committee) ? (found as Report) : null;
  } catch {
    return null;
  }
}
