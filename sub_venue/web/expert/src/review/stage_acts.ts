/** Composable: an act of one stage that carries a written text, and what becomes of its draft. */

import type { CommandType, Contents, Disclosure, Field, Stage, StageView } from "@tongchang/protocol/generated/messages.ts";
import { useTexts } from "@tongchang/protocol/evaluation/text_drafts.ts";
import { disclose } from "@tongchang/protocol/hidden.ts";
import { type Acting, useAct } from "@tongchang/protocol/kit/acting.ts";

export interface StageActing extends Acting {
  /** Signs the act; whether it was taken (accepted, or kept at the venue). The draft goes only then. */
  readonly sign: <T extends CommandType>(type: T, content: Contents[T], held: readonly Disclosure[], draft: string) => Promise<boolean>;
}

export function placeOf(stage: StageView): Stage {
  return { lot: stage.lot, envelope: stage.envelope, round: stage.round };
}

export function useStageAct(type: CommandType, stage: () => StageView): StageActing {
  const acting = useAct(type, () => placeOf(stage()));
  const texts = useTexts();
  return {
    ...acting,
    sign: async (wanted, content, held, draft) => {
      const answer = await acting.run(({ desk }) => desk.act(wanted, content, placeOf(stage()), { disclosures: held }));
      const taken = answer?.refused === null;
      if (taken && draft !== "") texts.done(draft);
      return taken;
    },
  };
}

/** A text under its digest, or nothing where none was written. */
export async function written(field: Field, text: string): Promise<{ digest: string; held: Disclosure[] }> {
  if (text.trim() === "") return { digest: "", held: [] };
  const one = await disclose(field, text.trim());
  return { digest: one.digest, held: [one] };
}
