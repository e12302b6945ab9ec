// The pulse of live pages: fires `tick` on the body, and says which rows are worth asking about.
//
// - [data-live="7:ab12"] marks what may still change: a row's number and the mark of what it shows.
// - [data-live-list] is the element that asks (hx-trigger="tick from:body"); it sends the marks of the
//   rows in sight, and does not ask at all when there is none.
// - [data-live-soon] marks what was just sent and is waited for: for a few seconds it refreshes more often.
// - [data-live-toggle] pauses it all. A hidden tab is silent, one that is not used refreshes less often.
(() => {
  const SOON = 700, FAST = 2000, SLOW = 5000, LAZY = 15000;
  const opened = Date.now();
  let touched = Date.now();
  let timer = 0;
  let paused = false;

  const pace = () => {
    const idle = Date.now() - touched;
    if (Date.now() - opened < 15_000 && document.querySelector("[data-live-soon]")) return SOON;
    return idle < 90_000 ? FAST : idle < 600_000 ? SLOW : LAZY;
  };
  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(tick, pace());
  };
  const tick = () => {
    if (!document.hidden && !paused && document.querySelector("[data-live]")) {
      document.body.dispatchEvent(new CustomEvent("tick"));
    }
    plan();
  };
  const inSight = (row) => {
    const box = row.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.height > 0;
  };
  // A row that is being edited is left alone until that is done.
  const inUse = (row) => row.matches(":focus-within") && row.querySelector("input:focus, select:focus, button:focus, :popover-open");

  const show = (state) => {
    for (const toggle of document.querySelectorAll("[data-live-toggle]")) {
      toggle.dataset.state = state;
      toggle.setAttribute("aria-pressed", String(!paused));
      const word = toggle.querySelector("[data-word]");
      if (word) word.textContent = toggle.dataset[state] ?? word.textContent;
    }
  };
  const byTick = (event) => event.detail.requestConfig?.triggeringEvent?.type === "tick" || event.detail.triggeringEvent?.type === "tick";

  document.addEventListener("htmx:configRequest", (event) => {
    if (!byTick(event)) return;
    event.detail.headers["X-Poll"] = "1";
    if (!event.target.matches("[data-live-list]")) return;
    const rows = [...document.querySelectorAll("[data-live]")].filter((row) => inSight(row) && !inUse(row));
    if (!rows.length) event.preventDefault();
    event.detail.parameters.rows = rows.slice(0, 100).map((row) => row.dataset.live).join(",");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (byTick(event)) show(paused ? "paused" : event.detail.successful ? "on" : "off");
  });
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-live-toggle]");
    if (!toggle) return;
    paused = !paused;
    show(paused ? "paused" : "on");
    if (!paused) tick();
  });
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(sign, () => {
      const slept = pace() > FAST;
      touched = Date.now();
      if (slept) plan();
    }, { passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      touched = Date.now();
      tick();
    }
  });
  plan();
})();
