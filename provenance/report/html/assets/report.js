"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  // Two pictures that lie on each other: a divider, side by side, one fading into the other, one after the other.
  for (const compare of all("[data-compare]")) {
    const stage = compare.querySelector(".stage");
    const position = compare.querySelector("[data-position]");
    const place = () => stage.style.setProperty("--position", `${position.value}%`);
    position.addEventListener("input", place);
    place();
    for (const radio of all("input[type=radio]", compare)) {
      if (radio.checked) compare.dataset.mode = radio.value;
      radio.addEventListener("change", () => { compare.dataset.mode = radio.value; });
    }
    for (const toggle of all("[data-toggle]", compare)) {
      const show = () => stage.classList.toggle(toggle.dataset.toggle, toggle.checked);
      toggle.addEventListener("change", show);
      show();
    }
    const drag = (event) => {
      const box = stage.getBoundingClientRect();
      position.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
      place();
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !["slider", "fade"].includes(compare.dataset.mode)) return;
      event.preventDefault();
      stage.setPointerCapture(event.pointerId);
      position.focus({ preventScroll: true });
      drag(event);
    });
    stage.addEventListener("pointermove", (event) => {
      if (stage.hasPointerCapture(event.pointerId)) drag(event);
    });
  }

  // A region is marked in the picture and in the list together.
  for (const body of all(".match-body")) {
    const parts = all("[data-region]", body);
    const mark = (number, on) => parts
      .filter((part) => part.dataset.region === number)
      .forEach((part) => part.classList.toggle("on", on));
    for (const part of parts) {
      const { region } = part.dataset;
      for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
        part.addEventListener(event, () => mark(region, on));
      }
    }
  }

  // What an address within the page points to is unfolded; paper shows everything.
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let at = target || null; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    folded.forEach((details) => { details.open = true; });
    all("img[loading=lazy]").forEach((image) => { image.loading = "eager"; });
  });
  window.addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));

  // The index: rows are hidden and moved, never made.
  const body = document.querySelector("[data-rows]");
  if (!body) return;
  const rows = Array.from(body.rows);
  const find = document.querySelector("[data-find]");
  const verdict = document.querySelector("select[data-verdict]");
  const order = document.querySelector("[data-sort]");
  const shown = document.querySelector("[data-shown]");
  const none = document.querySelector("[data-none]");
  const number = new Intl.NumberFormat(root.lang === "ar" ? "ar-u-nu-latn" : root.lang);
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, `${row.textContent} ${row.dataset.path}`.toLocaleLowerCase());
    return texts.get(row);
  };
  const filter = () => {
    const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = (!verdict.value || row.dataset.verdict === verdict.value)
        && words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${number.format(count)} / ${number.format(rows.length)}`;
    none.hidden = count > 0;
  };
  const orders = {
    order: (a, b) => a.dataset.order - b.dataset.order,
    path: (a, b) => a.dataset.path.localeCompare(b.dataset.path),
    seen: (a, b) => (a.dataset.seen || "~").localeCompare(b.dataset.seen || "~") || orders.order(a, b),
    score: (a, b) => (b.dataset.score || -99) - (a.dataset.score || -99) || orders.order(a, b),
  };
  find.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  order.addEventListener("change", () => body.append(...rows.sort(orders[order.value])));
  filter();
})();
