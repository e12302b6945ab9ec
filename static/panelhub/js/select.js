// Many rows at once. A form with [data-bulk-form] holds rows with [data-select] boxes and one [data-bulk] bar.
// The choice survives live refreshes of its rows; Shift extends it; "all matching" goes past the page.
(() => {
  const chosen = new Set();
  let last = null;

  const boxes = () => [...document.querySelectorAll("[data-select]")];
  const everything = () => document.querySelector("[data-bulk-matching]");

  const show = () => {
    const bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    const all = boxes();
    for (const box of all) {
      box.checked = chosen.has(box.value);
      box.closest("[data-row]")?.classList.toggle("selected", box.checked);
    }
    const full = all.length > 0 && all.every((box) => box.checked);
    for (const head of document.querySelectorAll("[data-select-all]")) {
      head.checked = full;
      head.indeterminate = !full && chosen.size > 0;
    }
    const matching = everything();
    if (matching && !full) matching.checked = false;
    bar.hidden = chosen.size === 0;
    bar.querySelector("[data-bulk-count]").textContent = matching?.checked ? matching.dataset.total : chosen.size;
    const offer = bar.querySelector("[data-bulk-offer]");
    if (offer) offer.hidden = !full;
  };
  const set = (box, on) => (on ? chosen.add(box.value) : chosen.delete(box.value));
  const clear = () => {
    chosen.clear();
    last = null;
    show();
  };

  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-select]");
    if (box) {
      const all = boxes();
      const from = all.findIndex((other) => other.value === last);
      const to = all.indexOf(box);
      if (event.shiftKey && from >= 0) {
        for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(other, box.checked);
      } else set(box, box.checked);
      last = box.value;
      show();
    }
    if (event.target.closest("[data-bulk-clear]")) clear();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes()) set(box, event.target.checked);
      show();
    }
    if (event.target.matches("[data-bulk-matching]")) show();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    // Another page or filter: what is out of sight is no longer chosen. A refreshed row stays chosen.
    if (event.target.matches?.("[data-list]")) {
      const seen = new Set(boxes().map((box) => box.value));
      for (const value of chosen) if (!seen.has(value)) chosen.delete(value);
    }
    show();
  });
  document.addEventListener("htmx:oobAfterSwap", show);
  document.addEventListener("DOMContentLoaded", () => {
    for (const box of boxes()) if (box.checked) chosen.add(box.value);
    show();
  });
})();
