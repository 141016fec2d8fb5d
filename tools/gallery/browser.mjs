// Starts Chromium, and gathers what a page asks for and complains about.

import { createRequire } from "node:module";
import { join } from "node:path";
import { readFileSync } from "node:fs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
  "--hide-scrollbars",
];

/// Runs `work` with a browser and ends it, however that goes.
export async function withBrowser(order, work) {
  const { chromium } = createRequire(join(order.tools, "x"))("playwright-core");
  const browser = await chromium.launch({ executablePath: order.chromium, args: FLAGS });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/// A tab that looks at one page after another: a fresh one each time would take longer than the looking. Nothing is cached from
/// one page to the next, so that each weighs what it weighs by itself. The pages have axe and what `within.js` can tell; their
/// own policy forbids neither, as no script tag is involved.
export async function openTab(browser, order) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const session = await context.newCDPSession(tab);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const axe = readFileSync(join(order.tools, "axe-core", "axe.min.js"), "utf8");
  const within = readFileSync(new URL("./within.js", import.meta.url), "utf8");
  await tab.addInitScript(`${axe}\n${within}`);
  return tab;
}

/// Keeps an eye on a page until it is told that this is the end.
export function watch(page) {
  const seen = { complaints: [], requests: [], bytes: 0, pending: [] };
  const hears = {
    console: (message) => {
      const itself = message.location().url === page.url() && message.text().startsWith("Failed to load resource");
      if (["error", "warning"].includes(message.type()) && !itself) {
        seen.complaints.push(message.text());
      }
    },
    pageerror: (fault) => seen.complaints.push(String(fault)),
    requestfailed: (request) => seen.complaints.push(`${request.url()}: ${request.failure()?.errorText}`),
    request: (request) => seen.requests.push(request.url()),
    response: (response) => {
      const counted = response.body().then((body) => (seen.bytes += body.length));
      seen.pending.push(counted.catch(() => undefined));
    },
  };
  for (const [event, hear] of Object.entries(hears)) {
    page.on(event, hear);
  }
  seen.end = () => {
    for (const [event, hear] of Object.entries(hears)) {
      page.off(event, hear);
    }
  };
  return seen;
}
