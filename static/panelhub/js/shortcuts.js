// The keyboard: / search, j k rows, x select, Enter open, n new order, g and a letter to a page, ? help, Ctrl or Cmd K.
(() => {
  const typing = (element) => element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const current = () => document.activeElement.closest("[data-row]");
  const entry = (row) => row.querySelector("[data-open]") ?? row.querySelector("a[href]");

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
    entry(next)?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const focusSearch = () => {
    const field = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");
    field?.focus();
    field?.select();
  };
  const actions = {
    "/": focusSearch,
    j: () => move(1),
    k: () => move(-1),
    n: () => document.querySelector("[data-new]")?.click(),
    x: () => current()?.querySelector("[data-select]")?.click(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  // g, then the letter of a page of the side.
  const jumps = {
    o: "orders", d: "dashboard", r: "requests", u: "unconfirmed", m: "mass", s: "services", v: "providers",
    p: "products", b: "money", j: "jobs", a: "api",
  };
  let jumpsUntil = 0;
  const jump = (key) => {
    const due = Date.now() < jumpsUntil;
    jumpsUntil = key === "g" ? Date.now() + 1500 : 0;
    const link = due ? document.querySelector(`[data-jump="${jumps[key]}"]`) : null;
    link?.click();
    return Boolean(link) || key === "g";
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.altKey) {
      event.preventDefault();
      document.dispatchEvent(new Event("palette:toggle"));
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (jump(event.key)) return event.preventDefault();
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // A search whose results are chosen from: down goes to the first, Enter opens it once the results are those of the words.
  let typed = null;
  const openFirst = (field) => document.getElementById(field.dataset.picks)?.querySelector("[data-row] [data-open]")?.click();
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-picks]")) typed = { field: event.target, opens: false };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!typed || event.target.id !== typed.field.dataset.picks) return;
    const { field, opens } = typed;
    typed = null;
    if (opens) openFirst(field);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const field = event.target.closest("[data-picks]");
    const list = field ? document.getElementById(field.dataset.picks) : event.target.closest(".choices");
    if (!list || !(step || (field && event.key === "Enter"))) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (typed) typed.opens = true;
      else openFirst(field);
    } else if (!field || step > 0) {
      event.preventDefault();
      move(step);
    }
  });

  // A click anywhere in a row opens it; what can be clicked by itself is left alone.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
    const link = row.querySelector("[data-open]");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
    else link.click();
  });
})();
