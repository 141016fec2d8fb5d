// Whole journeys by keyboard alone, in a browser that runs no script.

import { Keyboard } from "./keyboard.mjs";

const LISTED = ".postbus-letter__link";

/// One at each place, in the last of its languages.
export function journeys(order) {
  return order.places.map((place) => (browser, report) => travel(browser, place, report));
}

const WITH_LETTERS = [
  skip,
  logIn,
  readALetter,
  printAndGetAFile,
  putAway,
  putNothingAway,
  restore,
  turnThePage,
  changeLanguage,
  prefer,
  lookBack,
  seeOwnData,
  logOut,
];

async function travel(browser, place, report) {
  const name = `${place.place} by keyboard`;
  const tell = (rule, selector, what, todo) => report.findings.push({ page: name, rule, selector, what, todo, state: "" });
  const locale = place.languages.at(-1);
  const context = await browser.newContext({ javaScriptEnabled: false, locale, viewport: { width: 1280, height: 800 } });
  const start = Date.now();
  let step = "";
  try {
    const keyboard = new Keyboard(await context.newPage(), tell);
    for (const take of place.has_letters ? WITH_LETTERS : [skip, sayWhatOneThinks]) {
      step = take.name;
      await take(keyboard, place);
    }
  } catch (fault) {
    const message = String(fault.message ?? fault).split("\n")[0];
    tell("journey", step, message, "take this step by hand, with Tab, Shift+Tab, Space and Enter");
  } finally {
    await context.close();
    report.seconds[name] = (Date.now() - start) / 1000;
  }
}

const titles = (keyboard) =>
  keyboard.ask((listed) => [...document.querySelectorAll(listed)].map((link) => link.textContent), LISTED);
const hasFocus = (keyboard, id) => keyboard.ask((id) => document.activeElement.id === id, id);

async function skip(keyboard, { base }) {
  await keyboard.open(`${base}/`);
  const first = await keyboard.to("a[href]");
  keyboard.expect(first.name.includes("nl-skip-link"), "the first stop is not the way past the header");
  await keyboard.press("Enter");
  keyboard.expect(await hasFocus(keyboard, "inhoud"), "the skip link does not go to the content");
  const next = await keyboard.to("*");
  keyboard.expect(next.inMain, "the first stop after the skip link is not in the content");
}

async function logIn(keyboard, { base, issuer, number }) {
  await keyboard.open(`${base}/`);
  await keyboard.to("main form button");
  await keyboard.leave();
  keyboard.expect(keyboard.tab.url().startsWith(issuer), "the login does not lead to the provider");
  await keyboard.to(`button[value="${number}"]`);
  await keyboard.leave("Space");
  keyboard.expect(keyboard.tab.url() === `${base}/`, "the login does not end on the first page");
  await keyboard.wholeRound();
}

async function printAndGetAFile(keyboard, { base }) {
  await keyboard.open(`${base}/berichten`);
  const letter = await keyboard.to(LISTED);
  await keyboard.leave();
  const address = keyboard.path();
  const [file] = await Promise.all([
    keyboard.tab.waitForEvent("download", { timeout: 15_000 }),
    keyboard.to("a[href*='/bijlagen/']").then(() => keyboard.press("Enter")),
  ]);
  keyboard.expect((await file.failure()) === null, "the attachment does not come");
  await keyboard.to("a[href*='/afdruk']");
  await keyboard.leave();
  keyboard.expect(keyboard.path() === `${address}/afdruk`, "the letter does not lead to its print view");
  const shown = await keyboard.ask(() => document.body.textContent);
  keyboard.expect(shown.includes(letter.text), "the print view is of another letter");
  await keyboard.open(`${base}/berichten`);
}

async function readALetter(keyboard) {
  await keyboard.to("nav a[href^='/berichten']");
  await keyboard.leave();
  keyboard.expect(keyboard.path() === "/berichten", "the menu does not lead to the letters");
  await keyboard.wholeRound();
  const letter = await keyboard.to(`.postbus-letter--unread ${LISTED}`);
  await keyboard.leave();
  const heading = await keyboard.ask(() => document.querySelector("h1").textContent);
  keyboard.expect(heading.startsWith(letter.text), `“${letter.text}” leads to “${heading}”`);
  await keyboard.wholeRound();
  await keyboard.to(".postbus-back");
  await keyboard.leave();
  const unread = await keyboard.ask((listed) => {
    const links = document.querySelectorAll(`.postbus-letter--unread ${listed}`);
    return [...links].map((link) => link.textContent.trim());
  }, LISTED);
  keyboard.expect(keyboard.path() === "/berichten" && !unread.includes(letter.text), "the letter is still unread");
}

async function putAway(keyboard) {
  const before = await titles(keyboard);
  for (let count = 0; count < 2; count += 1) {
    await keyboard.to(".postbus-tick__box");
    await keyboard.press("Space");
  }
  const ticked = await keyboard.ask(() => document.querySelectorAll(".postbus-tick__box:checked").length);
  keyboard.expect(ticked === 2, `${ticked} boxes are ticked with two`);
  await keyboard.to("button[formaction^='/berichten/archief']");
  await keyboard.leave();
  keyboard.expect(await hasFocus(keyboard, "melding"), "the focus is not on what was done");
  const after = await titles(keyboard);
  keyboard.expect(after[0] === before[2], "the two letters are still in the list");
  await keyboard.to("#melding button");
  await keyboard.leave("Space");
  keyboard.expect((await titles(keyboard)).join() === before.join(), "the letters did not come back");
}

async function putNothingAway(keyboard) {
  await keyboard.to("button[formaction^='/berichten/prullenbak']");
  await keyboard.leave();
  keyboard.expect(await hasFocus(keyboard, "fouten"), "the focus is not on what is wrong");
  await keyboard.to("#fouten a");
  await keyboard.press("Enter");
  const first = await keyboard.stop(".postbus-tick__box");
  keyboard.expect(first.matches, "the fault does not lead to the first box");
}

/// Puts a letter in the bin, and takes it out of there.
async function restore(keyboard, { base }) {
  await keyboard.open(`${base}/berichten`);
  const before = await titles(keyboard);
  await keyboard.to(".postbus-tick__box");
  await keyboard.press("Space");
  await keyboard.to("button[formaction^='/berichten/prullenbak']");
  await keyboard.leave();
  keyboard.expect((await titles(keyboard))[0] === before[1], "the letter is still in the list");
  await keyboard.to("a[href^='/berichten/prullenbak']");
  await keyboard.leave();
  keyboard.expect(keyboard.path() === "/berichten/prullenbak", "the letters do not lead to the bin");
  await keyboard.wholeRound();
  const place = (await titles(keyboard)).indexOf(before[0]);
  keyboard.expect(place >= 0, "the letter is not in the bin");
  for (let count = 0; count <= place; count += 1) {
    await keyboard.to(".postbus-tick__box");
  }
  await keyboard.press("Space");
  await keyboard.to("button[formaction^='/berichten/prullenbak/ongedaan-maken']");
  await keyboard.leave("Space");
  keyboard.expect(!(await titles(keyboard)).includes(before[0]), "the letter is still in the bin");
  await keyboard.open(`${base}/berichten`);
  keyboard.expect((await titles(keyboard)).join() === before.join(), "the letter did not come back");
}

async function turnThePage(keyboard) {
  const before = await titles(keyboard);
  await keyboard.to(".postbus-pages a");
  await keyboard.leave();
  const after = await titles(keyboard);
  keyboard.expect(after.length > 0 && !before.includes(after[0]), "the next page shows the same letters");
}

async function changeLanguage(keyboard) {
  await keyboard.to("a[hreflang='nl']");
  await keyboard.to("a[hreflang='en']");
  await keyboard.to("a[hreflang='nl']", { back: true });
  await keyboard.leave();
  const language = await keyboard.ask(() => document.documentElement.lang);
  keyboard.expect(language === "nl", `the page is in ${language}`);
  keyboard.expect((await titles(keyboard)).length > 0, "another language shows other letters");
}

async function prefer(keyboard) {
  await keyboard.to("nav a[href^='/voorkeuren']");
  await keyboard.leave();
  await keyboard.wholeRound();
  await keyboard.to(".postbus-choice input");
  await keyboard.press("Space");
  await keyboard.to(".postbus-choosing button");
  await keyboard.leave();
  keyboard.expect(await hasFocus(keyboard, "melding"), "the focus is not on what was kept");
  const cleared = await keyboard.ask(() => document.querySelectorAll(".postbus-choice input:not(:checked)").length);
  keyboard.expect(cleared === 1, `${cleared} boxes are cleared with one`);
  await keyboard.to(".postbus-choice input");
  await keyboard.press("Space");
  await keyboard.to(".postbus-choosing button");
  await keyboard.leave("Space");
  const left = await keyboard.ask(() => document.querySelectorAll(".postbus-choice input:not(:checked)").length);
  keyboard.expect(left === 0, "the choice is not taken back");
}

async function lookBack(keyboard) {
  await keyboard.to("nav a[href^='/geschiedenis']");
  await keyboard.leave();
  // From the end: a date has stops of its own inside, which look like one that holds the focus.
  await keyboard.to(".postbus-filter select", { back: true });
  await keyboard.press("ArrowDown");
  await keyboard.to(".postbus-filter button");
  await keyboard.leave();
  const chosen = await keyboard.ask(() => [...document.querySelectorAll(".postbus-filter select")].some((one) => one.selectedIndex > 0));
  keyboard.expect(chosen, "the history is not filtered");
}

async function seeOwnData(keyboard) {
  await keyboard.to("nav a[href^='/gegevens']");
  await keyboard.leave();
  keyboard.expect(keyboard.path() === "/gegevens", "the menu does not lead to one's own data");
  await keyboard.wholeRound();
}

async function sayWhatOneThinks(keyboard, { base }) {
  await keyboard.open(`${base}/privacy`);
  await keyboard.wholeRound();
  await keyboard.to("#reactie-formulier button");
  await keyboard.leave();
  keyboard.expect(await hasFocus(keyboard, "reactie"), "the focus is not on what is wrong");
  await keyboard.tab.keyboard.type("Dit is duidelijk.");
  await keyboard.to("#reactie-formulier button");
  await keyboard.leave("Space");
  keyboard.expect(keyboard.path() === "/privacy/reactie", "the opinion does not end on its page");
}

async function logOut(keyboard, { base }) {
  await keyboard.to("form[action^='/uitloggen'] button");
  await keyboard.leave("Space");
  keyboard.expect(keyboard.path() === "/uitgelogd", "the logout does not end on its page");
  await keyboard.open(`${base}/berichten`);
  keyboard.expect(keyboard.path() === "/inloggen", "the letters are still there after the logout");
}
