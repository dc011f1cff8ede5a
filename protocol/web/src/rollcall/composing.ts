/**
 * A roll-call picture put together on a canvas (SPEC 31.6): where each part stands, and its drawing.
 *
 * A part is a seat or a venue's room: its picture where one is live, and whose it is. Names of persons are not
 * known here. Needs a browser's canvas for drawing alone.
 */

import { ROLL_CALL_BYTES_MAX, ROLL_CALL_SIDE_MAX } from "../generated/limits.ts";

export const WIDTH = 1_600;
const MARGIN = 20;
const HEAD = 112;
const LABEL = 44;
const GAP = 8;
const COLUMNS_MIN = 3;
const COLUMNS_MAX = 16;
/** Tried one after the other until the picture is small enough. */
const QUALITIES = [0.85, 0.7, 0.5, 0.3] as const;

export interface Part {
  /** The line in bold: venue and seat's code, or the room. */
  readonly name: string;
  /** The line below: checked in or not, seen or not. */
  readonly about: string;
  /** What is drawn; null where no picture is live. */
  readonly video: HTMLVideoElement | null;
}

export interface Told {
  readonly title: string;
  /** Session, time, verified head: lines below the title. */
  readonly lines: readonly string[];
  /** What stands where no picture is live. */
  readonly unseen: string;
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the picture alone; its label stands below. */
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: readonly Place[];
}

/** Where so many parts stand: as few columns as keep all of them within a picture's largest side. */
export function layout(count: number): Layout {
  let columns = Math.max(COLUMNS_MIN, Math.ceil(Math.sqrt(count)));
  let found = placed(count, columns);
  while (found.height > ROLL_CALL_SIDE_MAX && columns < COLUMNS_MAX) {
    columns += 1;
    found = placed(count, columns);
  }
  return found;
}

function placed(count: number, columns: number): Layout {
  const width = Math.floor((WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns);
  const height = Math.floor((width * 9) / 16);
  const rows = Math.max(1, Math.ceil(count / columns));
  const places = Array.from({ length: count }, (_, at) => ({
    x: MARGIN + (at % columns) * (width + GAP),
    y: HEAD + Math.floor(at / columns) * (height + LABEL + GAP),
    width,
    height,
  }));
  return { width: WIDTH, height: HEAD + rows * (height + LABEL + GAP) + MARGIN, places };
}

/** The part of a picture that fills a place of another shape, none of it distorted: within the place, whole. */
export function within(place: Place, width: number, height: number): Place {
  const scale = Math.min(place.width / width, place.height / height);
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  return { x: place.x + Math.floor((place.width - across) / 2), y: place.y + Math.floor((place.height - down) / 2), width: across, height: down };
}

/** Draws all parts onto a new canvas. */
export function drawn(told: Told, parts: readonly Part[]): HTMLCanvasElement {
  const { width, height, places } = layout(parts.length);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser draws no canvas");
  const family = getComputedStyle(document.body).fontFamily;
  const write = (text: string, x: number, y: number, size: number, color: string, most: number, bold = false): void => {
    pen.font = `${bold ? "600 " : ""}${size}px ${family}`;
    pen.fillStyle = color;
    pen.fillText(text, x, y, most);
  };
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "top";
  write(told.title, MARGIN, 14, 30, "#12294d", width - 2 * MARGIN, true);
  told.lines.forEach((line, at) => write(line, MARGIN, 54 + at * 24, 18, "#333a45", width - 2 * MARGIN));
  parts.forEach((part, at) => {
    const place = places[at];
    if (place === undefined) return;
    pen.fillStyle = part.video === null ? "#e3e7ee" : "#10161f";
    pen.fillRect(place.x, place.y, place.width, place.height);
    if (part.video === null) {
      write(told.unseen, place.x + 10, place.y + place.height / 2 - 10, 18, "#59616e", place.width - 20);
    } else {
      const to = within(place, part.video.videoWidth, part.video.videoHeight);
      pen.drawImage(part.video, to.x, to.y, to.width, to.height);
    }
    write(part.name, place.x, place.y + place.height + 3, 18, "#12294d", place.width, true);
    write(part.about, place.x, place.y + place.height + 24, 15, part.video === null ? "#8c1d24" : "#333a45", place.width);
  });
  return canvas;
}

/** The canvas as a JPEG that the record takes; the better ones first. Null where even the worst is too large. */
export async function encoded(canvas: HTMLCanvasElement): Promise<Uint8Array<ArrayBuffer> | null> {
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob !== null && blob.type === "image/jpeg" && blob.size <= ROLL_CALL_BYTES_MAX) return new Uint8Array(await blob.arrayBuffer());
  }
  return null;
}
