/** What went wrong on a page outside every expected path: collected here, shown in the frame, never swallowed. */

import { type App, shallowRef } from "vue";
import { LineFault } from "../link/socket.ts";

/** The newest fault's text; empty while there is none. */
export const fault = shallowRef("");

/** Catches what the page's parts and its promises throw. */
export function catchFaults(app: App): void {
  app.config.errorHandler = (error) => note(error);
  window.addEventListener("unhandledrejection", (event) => note(event.reason));
}

function note(error: unknown): void {
  if (error instanceof LineFault) return;
  fault.value = error instanceof Error ? error.message : String(error);
  console.error(error);
}
