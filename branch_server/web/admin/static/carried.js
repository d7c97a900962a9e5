// What the page has from its server, and how it stays up to date.

import { data, follow, language, now, setNow, whenFree } from "/static/base/base.js";

export const carried = data("carried");
setNow(carried.now);

/** The setup as the branch has it now: `branch`, `service`, `counter`, `priority`, each thing with its version. */
export let setup = carried.setup;

/** The branch's languages: [[code, its own name]]. */
export const languages = () => (setup.branch.value?.languages ?? ["en"]).map((code) => [code, carried.own_names[code] ?? code]);
export const zone = () => setup.branch.value?.time_zone ?? "UTC";
export const instant = () => now();

/** Calls `draw` whenever the setup or the overview has changed. */
export function live(draw, onOverview = () => {}) {
  follow(`/api/v1/setup/stream?lang=${language}`, {
    setup: (picture) => { if (JSON.stringify(picture) !== JSON.stringify(setup)) { setup = picture; whenFree(draw); } },
    overview: onOverview,
  });
}
