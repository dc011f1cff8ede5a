/**
 * What of a picture is covered, by where faces were found in it (SPEC 31.5). Pure; knows no worker and no page.
 *
 * Boxes are in parts of the picture's width and height, from its upper left corner. What is not known to show no
 * face is covered: before the first face, when none is found, and when nobody has looked for a while.
 */

/** A rectangle in parts of the picture: 0 to 1. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How often faces are looked for, ms. */
export const LOOK_MS = 200;
/** The last look counts so long, ms; then everything is covered. */
export const STALE_MS = 600;
/** How far a cover reaches beyond the face on every side, in parts of its size. */
export const BEYOND = 0.25;

/** What is covered: boxes, or `all` of the picture. */
export type Covered = readonly Box[] | "all";

/** The covers of one picture; asked for every frame. */
export class Cover {
  private seen: readonly Box[] = [];
  private before: readonly Box[] = [];
  private seenAt = Number.NEGATIVE_INFINITY;

  /** Faces were found in the frame that was taken at `at`; ms of the same clock as `covered`. */
  found(faces: readonly Box[], at: number): void {
    this.before = this.seen;
    this.seen = faces.map(enlarged);
    this.seenAt = at;
  }

  /** Nothing is known any more: the detector has gone. */
  lost(): void {
    this.seen = [];
    this.before = [];
    this.seenAt = Number.NEGATIVE_INFINITY;
  }

  /** What is covered in a frame at `now`: where faces are and where they were a look ago, or everything. */
  covered(now: number): Covered {
    if (this.seen.length === 0 || now - this.seenAt > STALE_MS) return "all";
    return [...this.seen, ...this.before];
  }
}

function enlarged(face: Box): Box {
  const x = Math.max(0, face.x - face.width * BEYOND);
  const y = Math.max(0, face.y - face.height * BEYOND);
  return {
    x, y,
    width: Math.min(1, face.x + face.width * (1 + BEYOND)) - x,
    height: Math.min(1, face.y + face.height * (1 + BEYOND)) - y,
  };
}
