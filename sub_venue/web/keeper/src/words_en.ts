/** The keeper page's own words, English. */

import { TURN_EN } from "@tongchang/protocol/turns/words.ts";
import type { ZH } from "./words_zh.ts";

export const EN: typeof ZH = {
  ...TURN_EN,
  page: { title: "Venue keeper" },
  board: {
    title: "How this venue stands",
    asking: "Reading how this venue stands…",
    whole: {
      good: "All is well",
      warn: "Something to look at",
      bad: "Something is broken: see to it now",
      unknown: "Not known",
      silent: "This venue's service does not answer",
      silentWhy: "This is how it stood at {at}. Check the cable from here to the venue's server and the server's power; the page connects again by itself. What was typed at the seats is still on their computers.",
    },
    part: { line: "Line to the coordinator", acts: "Acts not sent yet", disk: "Disk", clock: "Clock", power: "Power", seats: "Seats' windows" },
    mark: { good: "Good", warn: "Look", bad: "Broken", unknown: "Not known" },
    line: {
      up: "Up",
      down: "Down",
      upMore: "up since {since}; round trip {ms} ms; {behind} entries behind",
      downMore: "down since {since}, for {lasted}; tried {tries} times",
    },
    acts: { none: "None", some: "{count}", more: "the oldest waits {oldest}; journal {size}", noneMore: "all have been answered; journal {size}" },
    disk: { more: "{free} free of {total}; what is written is durable", refuses: "refuses to write; {free} free of {total}" },
    clock: { more: "{ms} ms from the coordinator's (±{within})", never: "not measured yet: it is once the line is up", ntp: "time server {server}: {ms} ms (±{within})", ntpNever: "time server {server}: no time told yet" },
    power: {
      mains: "mains; battery {percent} %; machine up {machine}, service {node}",
      battery: "on battery, {percent} % left; machine up {machine}, service {node}",
      unknown: "the machine does not say; up {machine}, service {node}",
    },
    seats: { open: "{open} of {seats} open", more: "see the table below" },
    versions: "Software {software} · rules {rules} · Python {python} · {system}",
  },
  trouble: {
    title: "What is wrong, and what to do",
    since: "since {at}, for {lasted}",
    do: "What to do: ",
    technical: "For the technician:",
    LineDown: {
      what: "The line to the coordinator is down; {pending} acts wait to go out",
      remedy: "The evaluation can go on; acts are kept here and go out by themselves, so leave the server running. Look at the router and the line's lights, change to the second line; if it stays down, call the network provider and tell the agent.",
    },
    LineSlow: { what: "The line is slow: {ms} ms round trip", remedy: "Stop other heavy use of it (downloads, video); if it stays slow, call the network provider." },
    ActsWaiting: { what: "{pending} acts have waited long for their answer", remedy: "The line is up but the coordinator does not answer. Call the coordinator's operator; nothing is lost." },
    CopyBehind: { what: "This venue's record is {entries} entries behind", remedy: "It mostly catches up by itself. If not within minutes, call the coordinator's operator." },
    CopyStopped: { what: "The record of session {session} contradicts itself and is taken no further", remedy: "Restart and delete nothing. Tell the supervisors and the coordinator's operator at once; they compare the records." },
    DiskRefuses: { what: "The disk refuses to write: acts cannot be kept ({free} MB free)", remedy: "Make room at once (not in this system's data folder). It goes on by itself then; until it does, acts at the seats are refused with a notice." },
    DiskLow: { what: "The disk is nearly full: {free} MB free", remedy: "Remove files nobody needs in a break, or add disk space; leave this system's data folder alone." },
    ClockOff: { what: "This machine's clock is {ms} ms from the coordinator's", remedy: "The order of acts does not depend on it. Set it after the evaluation: switch network time (NTP) on, check the time zone." },
    NtpOff: { what: "This machine's clock is {ms} ms from the time server {server}", remedy: "The order of acts does not depend on it. Set the clock after the evaluation; if it differs from the coordinator's but not from the time server's, tell the coordinator's operators." },
    NtpSilent: { what: "The time server {server} tells no time", remedy: "The evaluation does not depend on it. Check the server's name in this venue's configuration (ntp) and that the firewall lets UDP port 123 through; if the server refuses, name another." },
    OnBattery: { what: "Running on battery, {percent} % left", remedy: "See to mains and UPS. Tell the agent before it runs out; what is kept is not lost without power." },
    SeatSilent: { what: "The window of seat {seat} does not answer", remedy: "Go and look: is the computer asleep, the cable loose? Reload the page if need be; nothing typed is lost." },
    SeatClosed: { what: "The window of seat {seat} is not open", remedy: "Ask the person there to open the page; with a broken computer, use another one and a new one-time code." },
  },
  seats: {
    title: "Seats at this venue",
    standing: "How far",
    window: "Window",
    writes: "Writes now",
    heard: "Last heard",
    open: "open",
    many: "{count} windows",
    closed: "not open",
    writing: "yes",
    is: { away: "not signed in", in: "signed in", checkedIn: "checked in", signed: "report signed", reserve: "reserve" },
    private: "No score, draft or name is ever shown here.",
  },
};
