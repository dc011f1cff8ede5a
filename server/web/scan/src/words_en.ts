/** The phone page's own words, English. */

export const EN = {
  page: { title: "Scan and sign" },
  none: "Scan the code on your seat's screen with the phone to open this page.",
  opening: "Reading what there is to sign…",
  statement: {
    passkey: "Check this: a seat's key is to act for you",
    enrol: "Check this: a new passkey is to be made for you",
    what: "From then on scores, votes and signatures at that seat are yours, until the time below or until your certificate is revoked.",
    made: "It can be used once you have signed for it at the seat with your certificate.",
    session: "Session",
    venue: "Venue",
    seat: "Seat",
    role: "Role",
    audience: "Address",
    until: "Until",
    key: "Seat's key",
  },
  compare: {
    label: "The two digits on your seat's screen",
    why: "Read them on the screen of your own seat, never from somebody else. There is one try.",
    form: "Type two digits",
  },
  left: "{seconds} s left",
  sign: "All is right: sign with the passkey",
  make: "All is right: make the passkey",
  not: "Something is not right? Close this page without signing, and tell a witness.",
  signing: "Verify yourself on the phone…",
  stopped: "Nothing was signed. If it is still wanted, show a new code at the seat.",
  done: "Signed. The seat's screen goes on by itself; this page can be closed.",
  made: "The passkey is made. Sign for it at the seat with your certificate.",
};
