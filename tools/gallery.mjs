// Looks at every page of the gallery in Chromium and takes the journeys. `cargo xtask gallery` calls it with a file that
// says which pages there are and where; what it finds goes into a file beside that one.

import { readFileSync, writeFileSync } from "node:fs";

import { openTab, withBrowser } from "./gallery/browser.mjs";
import { journeys } from "./gallery/journeys.mjs";
import { look, lookAtProvider } from "./gallery/look.mjs";
import { uniqueTitles } from "./gallery/titles.mjs";

const AT_ONCE = 2;

const [from, to] = process.argv.slice(2);
const order = JSON.parse(readFileSync(from, "utf8"));
const report = { findings: [], weights: {}, unsure: {}, titles: [], seconds: {} };
const began = Date.now();

await withBrowser(order, async (browser) => {
  const left = [...order.pages];
  const work = async () => {
    const tab = await openTab(browser, order);
    for (let page = left.shift(); page; page = left.shift()) {
      const start = Date.now();
      await look(tab, order, page, report);
      report.seconds[page.name] = (Date.now() - start) / 1000;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  report.findings.push(...uniqueTitles(report.titles));
  report.seconds["all pages"] = (Date.now() - began) / 1000;
  for (const place of order.places) {
    await lookAtProvider(await openTab(browser, order), order, place, report);
  }
  for (const journey of journeys(order)) {
    await journey(browser, report);
  }
});

report.seconds["all"] = (Date.now() - began) / 1000;
writeFileSync(to, JSON.stringify(report));
