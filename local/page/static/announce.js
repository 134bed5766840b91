// Says aloud, to those who listen and do not look.

import { setText } from "./elements.js";

/** Says something when there is a pause. */
export function announce(text) {
  setText(document.getElementById("announcer"), text);
}

/** Says something at once. */
export function alarm(text) {
  setText(document.getElementById("alarm"), text);
}
