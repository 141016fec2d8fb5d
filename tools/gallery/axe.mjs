// axe-core on a page as it stands: WCAG 2.2 up to AA, and best practice.

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// What can change with the colours alone.
const COLOURS = ["color-contrast", "link-in-text-block"];

export async function check(tab, state, scope, report, page, tell) {
  const only =
    scope === "colours" ? { type: "rule", values: COLOURS } : { type: "tag", values: TAGS };
  const options = { runOnly: only, preload: { assets: ["media"] }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations", "incomplete"] };
  const found = await tab.evaluate((options) => gallery.axe(options), options);
  for (const { rule, selector, what, todo } of found.violations) {
    tell(`axe ${rule}`, selector, what, todo, state);
  }
  for (const { rule, selector } of found.unsure) {
    (report.unsure[rule] ??= {})[selector] ??= `${page.name} (${state})`;
  }
}
