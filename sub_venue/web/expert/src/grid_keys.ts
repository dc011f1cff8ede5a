/** Moving in the scoring grid by keyboard: pure, so that every key can be tried without a page. */

export interface At {
  readonly row: number;
  readonly column: number;
}

export interface Pressed {
  readonly key: string;
  readonly shift: boolean;
  readonly ctrl: boolean;
  /** Whether the caret is at the very start or end of what is typed, or all of it is selected. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/**
 * Where a key leads, or null where the key belongs to the typing itself.
 * Arrows left and right leave the cell only from the edge of its text; Tab stays the browser's.
 */
export function moved(from: At, pressed: Pressed, rows: number, columns: number): At | null {
  const go = (row: number, column: number): At => ({
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  switch (pressed.key) {
    case "ArrowUp":
      return go(from.row - 1, from.column);
    case "ArrowDown":
      return go(from.row + 1, from.column);
    case "Enter":
      return enter(from, pressed.shift, rows, columns);
    case "ArrowLeft":
      return pressed.atStart ? go(from.row, from.column - 1) : null;
    case "ArrowRight":
      return pressed.atEnd ? go(from.row, from.column + 1) : null;
    case "Home":
      return pressed.ctrl ? go(0, 0) : null;
    case "End":
      return pressed.ctrl ? go(rows - 1, columns - 1) : null;
    default:
      return null;
  }
}

/** Enter goes down its column and on to the head of the next one; with Shift the other way. */
function enter(from: At, back: boolean, rows: number, columns: number): At {
  const place = from.column * rows + from.row + (back ? -1 : 1);
  const within = Math.max(0, Math.min(rows * columns - 1, place));
  return { row: within % rows, column: Math.floor(within / rows) };
}
