// A person who has a keyboard and nothing else, in a browser that runs no script. What does not work on the way is thrown.

const MOST_STOPS = 300;
/// Steps back in the order of a page that are still one row.
const ROW = 12;

export class Keyboard {
  constructor(tab, tell) {
    this.tab = tab;
    this.tell = tell;
  }

  async open(address) {
    await this.tab.goto(address, { waitUntil: "load" });
  }

  /// Goes on with Tab, or back with Shift+Tab, until the focus is on an element that matches; every stop must show.
  async to(selector, { back = false } = {}) {
    for (let count = 0; count < MOST_STOPS; count += 1) {
      await this.tab.keyboard.press(back ? "Shift+Tab" : "Tab");
      const stop = await this.stop(selector);
      this.shows(stop);
      if (stop.matches) {
        return stop;
      }
    }
    throw new Error(`the keyboard does not reach ${selector} on ${this.tab.url()}`);
  }

  /// Presses a key that leads to another page, and waits for that.
  async leave(key = "Enter") {
    await Promise.all([this.tab.waitForNavigation({ waitUntil: "load", timeout: 15_000 }), this.tab.keyboard.press(key)]);
  }

  async press(key) {
    await this.tab.keyboard.press(key);
  }

  /// What has the focus.
  stop(selector) {
    return this.tab.evaluate((selector) => {
      const element = document.activeElement;
      const outlined = [null, "::after", "::before"].some((part) => {
        const style = getComputedStyle(element, part);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      });
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const all = [...document.querySelectorAll("*")];
      return {
        name: element.localName + [...element.classList].map((one) => `.${one}`).join(""),
        text: element.textContent.trim().slice(0, 60),
        isBody: element === document.body,
        inMain: Boolean(element.closest("main")),
        place: all.indexOf(element),
        matches: selector ? element.matches(selector) : false,
        inSight: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
        outlined,
        top: top + scrollY,
        bottom: bottom + scrollY,
      };
    }, selector);
  }

  shows({ isBody, name, text, outlined, inSight }) {
    const where = `${name} “${text}” on ${this.tab.url()}`;
    if (!isBody && !outlined) {
      this.tell("focus-visible", name, `no outline: ${where}`, "leave it the outline of :focus-visible");
    }
    if (!isBody && !inSight) {
      this.tell("focus-in-sight", name, `out of sight: ${where}`, "let what has the focus be seen");
    }
  }

  /// Once through the whole page: each thing that can have the focus has it once, in the order of the page; then back.
  async wholeRound() {
    const expected = await this.tab.evaluate(() => {
      const can = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
      return [...document.querySelectorAll(can)].filter((one) => one.checkVisibility({ visibilityProperty: true })).length;
    });
    const stops = [];
    for (let count = 0; count <= MOST_STOPS; count += 1) {
      await this.press("Tab");
      const stop = await this.stop();
      if (stop.isBody || stops.some(({ place }) => place === stop.place)) break;
      this.shows(stop);
      const before = stops.at(-1);
      if (before && stop.place < before.place) {
        this.tell("tab-order", stop.name, `comes after ${before.name}`, "let the order of the page be that of the keyboard");
      }
      if (before?.inMain && stop.inMain && stop.bottom < before.top - ROW) {
        this.tell("focus-order", stop.name, `stands above ${before.name}, which comes first`, "order the page as it is seen");
      }
      stops.push(stop);
    }
    if (stops.length !== expected) {
      this.tell("keyboard", "", `${stops.length} stops, ${expected} things to press on ${this.tab.url()}`, "let the keyboard reach everything and leave it again");
    }
    await this.press("Tab");
    await this.press("Tab");
    await this.press("Shift+Tab");
    await this.press("Shift+Tab");
  }

  /// Asks something of the page.
  ask(question, argument) {
    return this.tab.evaluate(question, argument);
  }

  path() {
    return new URL(this.tab.url()).pathname;
  }

  expect(fact, what) {
    if (!fact) {
      throw new Error(`${what}; the browser is at ${this.tab.url()}`);
    }
  }
}
