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

let source;

/// Gives the page axe and what `within.js` can tell; its own policy forbids neither, as no script tag is involved.
export async function equip(page, order) {
  const axe = () => readFileSync(join(order.tools, "axe-core", "axe.min.js"), "utf8");
  const within = () => readFileSync(new URL("./within.js", import.meta.url), "utf8");
  source ??= `${axe()}\n${within()}`;
  await page.evaluate(source);
}

/// Keeps an eye on a page from now on.
export function watch(page) {
  const seen = { complaints: [], requests: [], bytes: 0, pending: [] };
  page.on("console", (message) => {
    const itself = message.location().url === page.url() && message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !itself) {
      seen.complaints.push(message.text());
    }
  });
  page.on("pageerror", (fault) => seen.complaints.push(String(fault)));
  page.on("requestfailed", (request) => seen.complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("response", (response) => {
    const counted = response.body().then((body) => (seen.bytes += body.length));
    seen.pending.push(counted.catch(() => undefined));
  });
  return seen;
}
