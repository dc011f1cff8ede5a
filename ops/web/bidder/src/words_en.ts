/** The words of the bidder's own page, English. */

import type { ZH } from "./words_zh.ts";

export const EN: typeof ZH = {
  page: {
    title: "Bidder's own machine",
    here: "This page is on this machine alone: files and keys do not leave it; only the sealed bid is sent.",
  },
  silent: "The local program does not answer. See that tongchang bidder still runs, and open the address it shows.",
  no: "No",
  steps: { seal: "Seal", upload: "Hand in", receipt: "Receipts", unlock: "Unlock" },
  choose: {
    open: "Choose…",
    close: "Close",
    none: "Nothing is chosen yet.",
    folder: "Folder",
    go: "Open",
    up: "Up",
    whole: "Choose the whole folder",
    drop: "Leave out {path}",
  },
  doing: {
    seal: "Sealing and checking",
    upload: "Sending",
    withdraw: "Withdrawing",
    unlock: "Making the release",
    cut: "After a cut it goes on by itself; what was received is not sent again.",
  },
  seal: {
    why: "Choose the files and the sealing policy that came with the tender document. Sealing happens here, and the bid is opened again and compared.",
    files: "Files or folders of the bid",
    policy: "Sealing policy",
    do: "Seal",
    sealed: "Sealed",
    checked: "{files} files, {size}, opened again and compared",
    bid: "Bid",
    where: "Sealed file",
    key: "Your key",
    keep: "Back this key up now: without it the bid cannot be unlocked at the opening and counts as withdrawn.",
  },
  upload: {
    why: "Address, session and ticket come from the agent. Only a receipt says that the bid was handed in.",
    to: "Coordinator's address",
    session: "Session",
    ticket: "Ticket (may be left out the next time)",
    do: "Hand in",
    replace: "Hand in and replace",
    until: "Until {at} (Beijing)",
  },
  receipts: {
    none: "There is no receipt: the bid has not been handed in.",
    current: "✓ Handed in: the bid sealed last was received whole.",
    older: "An earlier bid was handed in; the one sealed last was not.",
    withdrawn: "Withdrawn: no bid counts now.",
    what: { received: "Received", withdrawn: "Withdrawn" },
    container: "Bid's digest",
    digest: "Receipt's digest",
  },
  withdraw: { ask: "Withdraw the bid", why: "It can be handed in anew until the deadline. Withdraw it?", yes: "Withdraw" },
  unlock: {
    why: "At the opening, choose the public keys that the venues publish. Once handed in it cannot be taken back.",
    keys: "Venues' opening keys",
    do: "Make the release",
    final: "A release cannot be taken back once it is handed in. Make it?",
    yes: "Make it",
    done: "Release:",
  },
};
