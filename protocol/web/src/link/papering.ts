/**
 * Signing the prepared report with the certificate beside the browser (SPEC 29.7, 19.7).
 *
 * Owns what is asked of whom, and in which order: a wish with the certificate goes to the main venue, the bytes that
 * its key is to sign come back, the UKey program shows them to its holder and signs, and what comes of it is handed in
 * as `SignPaper`. Neither key nor PIN is ever in this page.
 */

import { decode } from "../canonical.ts";
import { SESSION_STAGE } from "../command.ts";
import { type Answer, type Contents, type PaperStands, type View, WIRE } from "../generated/messages.ts";
import type { Desk } from "./desk.ts";
import { RefusedError } from "./socket.ts";
import { held, signedBeside } from "./ukey.ts";

/** How often it is asked how the signature stands. */
const LOOK_MS = 700;

/** Where it is: others sign now · the holder is asked by the UKey program · the main venue puts it into the file. */
export type Step = "queued" | "asked" | "making";

/** Signs in the seat's own place and hands the act in; `tell` hears where it is, `stopped` ends the asking. */
export async function signPaper(desk: Desk, view: View, tell: (step: Step) => void, stopped: () => boolean): Promise<Answer | null> {
  const who = { session: view.session, seat: view.seat, key: view.voice?.key ?? "" };
  const { certificate, others } = await held(who);
  const wish = () => desk.ask<PaperStands>(WIRE.PAPER_WISH, { ...who, certificates: [certificate, ...others] });
  let stands = await wish();
  while (!stopped()) {
    if (stands.stands === "made" && stands.disclosure !== null) {
      const content = decode(stands.content) as Contents["SignPaper"];
      return desk.act("SignPaper", content, SESSION_STAGE, { disclosures: [stands.disclosure] });
    }
    if (stands.refused !== null) throw new RefusedError(stands.refused);
    if (stands.stands === "question") {
      tell("asked");
      const { session, seat } = who;
      const signed = await signedBeside(who, "paper", { session, seat, prepared: view.paper?.prepared ?? "", question: stands.question });
      tell("making");
      stands = await desk.ask<PaperStands>(WIRE.PAPER_ANSWER, { ...who, signature: signed.slice(signed.indexOf(":") + 1) });
      continue;
    }
    if (stands.stands === "waiting" || stands.stands === "none") tell("queued");
    await new Promise((ready) => setTimeout(ready, LOOK_MS));
    stands = stands.stands === "none" ? await wish() : await desk.ask<PaperStands>(WIRE.PAPER_ASK, who);
  }
  return null;
}
