// What is told from inside a page: run there as text, it leaves `gallery` behind. Each answer is a list of findings.

globalThis.gallery = (() => {
  const TOLERANCE = 1.5;
  const finding = (rule, element, what, todo) => ({ rule, selector: name(element), what, todo });

  /// Short, and enough to find its kind: `main > ol.postbus-letters > li.postbus-letter`.
  function name(element) {
    const parts = [];
    for (let at = element; at && at !== document.documentElement && parts.length < 4; at = at.parentElement) {
      const id = at.id && !/[0-9a-f]{8}-/.test(at.id) ? `#${at.id}` : "";
      const classes = [...at.classList].map((one) => `.${one}`).join("");
      const same = [...(at.parentElement?.children ?? [])].filter((one) => one.tagName === at.tagName);
      const place = !id && !classes && same.length > 1 ? `:nth-of-type(${same.indexOf(at) + 1})` : "";
      parts.unshift(at.localName + id + classes + place);
      if (id) break;
    }
    return parts.join(" > ");
  }

  const shows = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  /// Words for who listens, and the skip link until it has the focus: kept out of sight on purpose.
  function waits(element) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const { width, height } = at.getBoundingClientRect();
      if ((width <= 2 && height <= 2) || (at.matches(".nl-skip-link") && !at.matches(":focus"))) return true;
    }
    return false;
  }

  function* texts(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (node.data.trim() && shows(element) && !waits(element)) {
        const range = document.createRange();
        range.selectNodeContents(node);
        const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
        yield { node, element, rects };
      }
    }
  }

  function layout() {
    return [...sideways(), ...cut(), ...overlapping()];
  }

  function sideways() {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + TOLERANCE && shows(element) && !scrolls(element),
    );
    const deepest = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    return (deepest.length ? deepest : [document.body])
      .slice(0, 5)
      .map((element) =>
        finding(
          "reflow",
          element,
          `the page is ${root.scrollWidth} px wide in ${root.clientWidth}`,
          "let it wrap (overflow-wrap, min-width: 0) or scroll in a frame of its own",
        ),
      );
  }

  function cut() {
    const found = new Map();
    for (const { element, rects } of texts(document.body)) {
      for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (/auto|scroll/.test(style.overflowX + style.overflowY) && !matchMedia("print").matches) break;
        const clips = { x: style.overflowX !== "visible", y: style.overflowY !== "visible" };
        const box = at.getBoundingClientRect();
        const beyond = rects.some(
          (rect) =>
            (clips.x && (rect.right > box.right + TOLERANCE || rect.left < box.left - TOLERANCE)) ||
            (clips.y && (rect.bottom > box.bottom + TOLERANCE || rect.top < box.top - TOLERANCE)),
        );
        if (beyond && !found.has(element)) {
          found.set(element, finding("cut", element, "text is cut off", `give ${name(at)} room to grow, or let it scroll`));
        }
      }
      if (rects.some((rect) => rect.left < -TOLERANCE) && !found.has(element)) {
        found.set(element, finding("cut", element, "text begins outside the page", "keep it inside its box"));
      }
    }
    return [...found.values()].slice(0, 5);
  }

  /// Sticks to an edge of the window while the page goes on behind it. What it hides from the focus, `focus` tells.
  function floats(element) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (/sticky|fixed/.test(getComputedStyle(at).position)) return true;
    }
    return false;
  }

  /// Lines of different texts that lie over each other; a fifth of a line's height is air.
  function overlapping() {
    const lines = [];
    for (const { node, element, rects } of texts(document.body)) {
      if (floats(element)) continue;
      for (const { left, right, top, bottom, height } of rects) {
        lines.push({ node, element, left, right, top: top + height * 0.2, bottom: bottom - height * 0.2 });
      }
    }
    lines.sort((one, other) => one.top - other.top);
    const found = [];
    for (let at = 0; at < lines.length && found.length < 5; at += 1) {
      const one = lines[at];
      for (let next = at + 1; next < lines.length && lines[next].top < one.bottom; next += 1) {
        const other = lines[next];
        const over = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const scrolled = (line) => line.element.closest(".postbus-scroll");
        if (other.node !== one.node && over > 2 && !scrolled(one) && !scrolled(other)) {
          found.push(finding("overlap", one.element, `lies over ${name(other.element)}`, "let the box grow with its text"));
          break;
        }
      }
    }
    return found;
  }

  const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const MOST = 60;

  function focus() {
    const found = [];
    const all = [...document.querySelectorAll(FOCUSABLE)].filter((one) => shows(one) && one.tabIndex >= 0);
    for (const element of all.slice(0, MOST)) {
      element.focus({ focusVisible: true });
      const outlined = [null, "::after", "::before"].some((part) => {
        const style = getComputedStyle(element, part);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      });
      if (!outlined) {
        found.push(finding("focus-visible", element, "no outline when it has the focus", "leave it the outline of :focus-visible"));
      }
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (middle && !element.contains(middle) && !middle.contains(element) && !element.labels?.[0]?.contains(middle)) {
        found.push(finding("focus-not-obscured", element, `${name(middle)} lies over it`, "keep it free when it has the focus"));
      }
    }
    document.activeElement?.blur?.();
    for (const element of document.querySelectorAll("[tabindex]")) {
      if (element.tabIndex > 0) {
        found.push(finding("tab-order", element, "has a place of its own in the order", "let the order of the page be that of the keyboard"));
      }
    }
    scrollTo(0, 0);
    return found;
  }

  function structure({ language }) {
    const found = [];
    const root = document.documentElement;
    if (root.lang !== language) {
      found.push(finding("lang", root, `lang is ${root.lang}`, `it is shown in ${language}`));
    }
    const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shows);
    const tops = headings.filter((heading) => heading.localName === "h1");
    if (tops.length !== 1) {
      found.push(finding("one-h1", document.body, `${tops.length} times h1`, "a page has one"));
    }
    headings.reduce((before, heading) => {
      const level = Number(heading.localName[1]);
      if (level > before + 1) {
        found.push(finding("heading-order", heading, `h${level} comes after h${before}`, "skip no level"));
      }
      return level;
    }, 0);
    const [own, site] = document.title.split(" - ");
    if (!own?.trim() || !site?.trim()) {
      found.push(finding("title", document.head, document.title, "a title is the page's own, then the site's"));
    }
    for (const link of document.querySelectorAll("a[hreflang]")) {
      if (link.lang !== link.hreflang) {
        found.push(finding("lang", link, `lang ${link.lang}, hreflang ${link.hreflang}`, "a language is named in itself"));
      }
    }
    return found;
  }

  /// On paper stands what is read, whole, and nothing that can only be pressed.
  function paper() {
    const found = [];
    for (const element of document.querySelectorAll("nav, button, input, select, .nl-skip-link, .nl-button")) {
      if (shows(element)) {
        found.push(finding("print-control", element, "is printed", "hide it in @media print"));
      }
    }
    const main = document.querySelector("main");
    if (!main || !shows(main) || ![...main.querySelectorAll("h1")].some(shows)) {
      found.push(finding("print-whole", document.body, "the heading of the page is not printed", "print it"));
    }
    for (const element of document.querySelectorAll(".postbus-prose *")) {
      if (!shows(element) && element.textContent.trim()) {
        found.push(finding("print-whole", element, "is not printed", "print a letter whole"));
      }
    }
    return found;
  }

  const sheet = (css) => {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  };
  const SPACED = sheet(
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }",
  );
  const LARGE = sheet("html { font-size: 200% !important; }");
  const put = (one) => (on) => {
    document.adoptedStyleSheets = on ? [one] : [];
  };

  let pending = [];

  /// Brings what waits in an animation to its end, or back to its beginning; answers whether anything waited.
  function endWaits(on) {
    if (on) pending = document.getAnimations();
    for (const wait of pending) {
      if (on) wait.finish();
      else wait.currentTime = 0;
    }
    return pending.length > 0;
  }

  async function axeFindings(options) {
    const { violations, incomplete } = await axe.run(document, options);
    const of = ({ id, help, helpUrl, nodes }) =>
      nodes.map(({ target, failureSummary, any }) => ({
        rule: id,
        selector: target.join(" "),
        what: [help, ...any.map(({ message }) => message)].join(": "),
        todo: `${failureSummary?.split("\n").slice(1).join(";").trim() ?? ""} (${helpUrl})`,
      }));
    return { violations: violations.flatMap(of), unsure: incomplete.flatMap(of) };
  }

  return { layout, focus, structure, paper, endWaits, space: put(SPACED), enlarge: put(LARGE), axe: axeFindings, name, shows };
})();
undefined;
