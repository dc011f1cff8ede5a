/** Where the focus goes when there is something new to do. */

/**
 * Whoever reads by ear or keyboard is led to the new task; not who holds a key or button down at this moment, as to
 * speak with: that must not end because somebody elsewhere has done something.
 */
export function leadToTask(): void {
  if (document.activeElement?.matches("[data-held]") === true) return;
  document.getElementById("main")?.focus({ preventScroll: true });
}
