/**
 * A seat's share in the draw of a rate (K 值, SPEC 17.7): made in this browser, committed to first and revealed
 * later. It is kept in this browser alone in between, so that a reload finds it; whoever loses it is named as
 * withholding, and a supervisor begins the draw again.
 */

import { toBase64 } from "../bytes.ts";
import { taggedDigest } from "../digest.ts";
import { SALT_BYTES } from "../generated/limits.ts";
import type { CommitK, DrawingView, RevealK, StageView, View } from "../generated/messages.ts";
import { disclose } from "../hidden.ts";
import { readOne, writeOne } from "../storage.ts";

interface Share {
  readonly random: string;
  readonly salt: string;
}

/** The commitment to this seat's share; a share that was made before for the same attempt is used again. */
export async function commitTo(view: View, stage: StageView, drawing: DrawingView): Promise<CommitK> {
  const name = nameOf(view, stage, drawing);
  const share = (await readOne<Share>("drafts", name)) ?? newShare();
  await writeOne("drafts", name, share);
  return { rate: drawing.rate, commitment: await commitmentOf(view, stage, drawing, share) };
}

/** What this seat reveals; null where this browser does not hold its share. */
export async function revealOf(view: View, stage: StageView, drawing: DrawingView): Promise<RevealK | null> {
  const share = await readOne<Share>("drafts", nameOf(view, stage, drawing));
  return share === undefined ? null : { rate: drawing.rate, ...share };
}

/** The hidden value `draw_share` over the share, bound to rate, candidates, stage and attempt. */
export async function commitmentOf(view: View, stage: StageView, drawing: DrawingView, share: Share): Promise<string> {
  const subject = await taggedDigest("draw-k/v1", {
    attempt: drawing.attempt,
    candidates: drawing.candidates,
    rate: drawing.rate,
    stage: { envelope: stage.envelope, lot: stage.lot, round: drawing.round },
  });
  const value = { draw: drawing.rate, party: view.seat, random: share.random, session: view.session, subject: toBase64(subject) };
  const salt = Uint8Array.from(atob(share.salt), (letter) => letter.charCodeAt(0));
  return (await disclose("draw_share", value, salt)).digest;
}

function newShare(): Share {
  const made = (): string => toBase64(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  return { random: made(), salt: made() };
}

function nameOf(view: View, stage: StageView, drawing: DrawingView): string {
  return ["rate", view.session, view.seat, stage.lot, stage.envelope, drawing.rate, drawing.round, drawing.attempt].join("/");
}
