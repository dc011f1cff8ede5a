"""Which of the group's acts is decided where: the form of its content, and its rule."""

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol.session.asked import Deciding
from protocol.session.committee import chair, freezing, identity, publishing, redrawing, replacing

RULED: dict[type, Deciding] = {
    form.FreezePool: freezing.freeze,
    form.CommitDrawSeed: freezing.commit,
    form.RevealDrawSeed: freezing.reveal,
    form.DrawVenues: freezing.draw_venues,
    form.DrawCommittee: freezing.draw_committee,
    form.PublishDraw: publishing.publish,
    form.CallReplacement: replacing.call,
    form.DeclareRecusal: identity.recuse,
    form.ReplaceMember: replacing.replace_member,
    form.ConfirmIdentity: identity.confirm,
    form.OpenChairBallot: chair.open_ballot,
    form.ElectChair: chair.elect,
    form.OpenChairVote: chair.open_vote,
    form.NameChair: chair.name,
    form.RedrawCommittee: redrawing.redraw,
    cmd.CheckIn: identity.check_in,
}
