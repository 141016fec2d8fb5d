// One page: loaded once, then looked at in light, dark and forced colours, wide, zoomed, on a phone, with its text enlarged
// and spaced out, and on paper.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { check } from "./axe.mjs";
import { watch } from "./browser.mjs";

const WIDE = { width: 1280, height: 1024 };
const PHONE = { width: 320, height: 256 };
/// 1280 pixels at 200 %.
const ZOOMED = { width: 640, height: 512 };
/// A4 at 96 pixels an inch, without its margins.
const PAPER = { width: 718, height: 1020 };
const TALLEST_PICTURE = 2400;
/// A page of letters weighs less than this: HTML, style and pictures, uncompressed.
const HEAVIEST_LIST = 60_000;

/// The page of the demonstration provider, which is reached by a form alone.
export async function lookAtProvider(tab, order, { place, base }, report) {
  const page = { name: `${place}/provider`, place, language: "nl", path: "/provider", is_first_language: true };
  const sent = async (tab) => {
    // The icon comes after the page is loaded; leaving before it is there would break it off, and that reads as a fault.
    await tab.waitForLoadState("networkidle");
    await Promise.all([tab.waitForNavigation(), tab.evaluate(() => document.querySelector("main form").submit())]);
  };
  await look(tab, order, { ...page, address: `${base}/inloggen`, enter: sent }, report);
}

export async function look(tab, order, page, report) {
  const tell = teller(page.name, report);
  const seen = watch(tab);
  try {
    await asAtFirst(tab);
    await tab.goto(page.address ?? order.base + page.url, { waitUntil: "load" });
    await page.enter?.(tab);
    await Promise.all(seen.pending);
    ofTransport(order, page, seen, report, tell);
    await inEveryState(tab, order, page, report, tell);
    // What came up while it was looked at, such as a style that the policy refused.
    for (const complaint of seen.complaints) {
      tell("console", "", complaint, "make the page load without a complaint in the console");
    }
  } catch (fault) {
    tell("crash", "", String(fault), "open the page by hand; the check itself may be wrong");
  } finally {
    seen.end();
  }
}

/// However the page before was left.
async function asAtFirst(tab) {
  await tab.emulateMedia({ media: "screen", colorScheme: "light", forcedColors: "none", reducedMotion: "reduce" });
  await tab.setViewportSize(WIDE);
}

/// Of each kind of element once a page and state: twenty letters in a list are one finding.
function teller(name, report) {
  const told = new Set();
  return (rule, selector, what, todo, state = "") => {
    const kind = selector.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…").replace(/:nth-(child|of-type)\(\d+\)/g, "");
    const key = [rule, kind, state].join();
    if (!told.has(key)) {
      told.add(key);
      report.findings.push({ page: name, rule, selector: kind, what, todo, state });
    }
  };
}

function ofTransport(order, page, seen, report, tell) {
  const own = page.address ? page.address.replace(/:\d+\/.*/, ":") : order.base;
  for (const url of seen.requests.filter((url) => !url.startsWith(own))) {
    tell("own-origin", "", url, "serve it from our own address or leave it out");
  }
  report.weights[page.name] = seen.bytes;
  if (page.is_list && seen.bytes > HEAVIEST_LIST) {
    tell("weight", "", `${seen.bytes} bytes`, `bring HTML, style and pictures below ${HEAVIEST_LIST} bytes`);
  }
}

async function inEveryState(tab, order, page, report, tell) {
  const told = async (state, what, argument) => {
    const found = await tab.evaluate(([what, argument]) => gallery[what](argument), [what, argument]);
    for (const { rule, selector, what, todo } of found) {
      tell(rule, selector, what, todo, state);
    }
  };
  const picture = (kind) => take(tab, order, page, kind);
  const axe = (state, scope) => check(tab, state, scope, report, page, tell);
  // Another language changes words alone (the tests prove it), so colours and structure are looked at in the first.
  const inFirst = async (work) => page.is_first_language && work();

  await axe("light", "everything");
  await picture("light");
  const { name, place, language, path } = page;
  report.titles.push({ name, place, language, path, title: await tab.title() });
  await told("light", "structure", { language: page.language });
  await told("light", "layout");
  await told("light", "focus");
  await tab.evaluate(() => gallery.space(true));
  await told("text spacing", "layout");
  await tab.evaluate(() => gallery.space(false));
  await tab.evaluate(() => gallery.enlarge(true));
  await told("text at 200 %", "layout");
  await tab.evaluate(() => gallery.enlarge(false));

  await inFirst(() => warned(tab, page, axe, told));

  await tab.emulateMedia({ colorScheme: "dark" });
  await inFirst(() => axe("dark", "colours"));
  await picture("dark");
  await tab.emulateMedia({ colorScheme: "light" });
  await inFirst(async () => {
    await tab.emulateMedia({ forcedColors: "active" });
    await axe("forced colours", "colours");
    await told("forced colours", "focus");
    await tab.emulateMedia({ forcedColors: "none" });
  });

  await zoom(tab, async () => told("zoom 200 %", "layout"));

  await tab.setViewportSize(PHONE);
  await told("320 px", "layout");
  await told("320 px", "focus");
  await picture("phone");
  await inFirst(async () => {
    await axe("320 px", "everything");
    await tab.emulateMedia({ colorScheme: "dark" });
    await axe("320 px, dark", "colours");
    await tab.emulateMedia({ colorScheme: "light" });
  });
  await tab.evaluate(() => gallery.space(true));
  await told("320 px, text spacing", "layout");
  await tab.evaluate(() => gallery.space(false));

  if (page.address) {
    return;
  }
  await tab.emulateMedia({ media: "print" });
  await tab.setViewportSize(PAPER);
  await told("print", "paper");
  await told("print", "layout");
  await picture("print");
}

/// The page as it is shortly before the session ends: a wait without script is over.
async function warned(tab, page, axe, told) {
  if (page.is_list && (await tab.evaluate(() => gallery.endWaits(true)))) {
    await axe("session ends", "everything");
    await told("session ends", "layout");
    await tab.setViewportSize(PHONE);
    await told("session ends, 320 px", "layout");
    await told("session ends, 320 px", "focus");
    await tab.setViewportSize(WIDE);
    await tab.evaluate(() => gallery.endWaits(false));
  }
}

async function zoom(tab, work) {
  await tab.setViewportSize(ZOOMED);
  const session = await tab.context().newCDPSession(tab);
  await session.send("Emulation.setDeviceMetricsOverride", { ...ZOOMED, deviceScaleFactor: 2, mobile: false });
  await work();
  await session.send("Emulation.clearDeviceMetricsOverride");
  await session.detach();
}

async function take(tab, order, page, kind) {
  const wanted = order.pictures.find((picture) => picture.name === page.name && picture.kind === kind);
  if (!order.every_picture && !wanted) {
    return;
  }
  const height = await tab.evaluate(() => document.documentElement.scrollHeight);
  const { width } = tab.viewportSize();
  const options = { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, TALLEST_PICTURE) } };
  if (order.every_picture) {
    const path = join(order.folder, `${page.name}.${kind}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await tab.screenshot({ ...options, path });
  }
  if (wanted) {
    const clip = { ...options.clip, height: Math.min(height, wanted.height) };
    await tab.screenshot({ ...options, clip, path: wanted.file });
  }
}
