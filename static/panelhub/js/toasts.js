// Short notices: they go by themselves, wait while they are pointed at, and stay when they report an error.
(() => {
  const LASTS = 6000;
  const area = () => document.getElementById("toasts");

  const prepare = (toast) => {
    if (toast.dataset.ready) return;
    toast.dataset.ready = "1";
    if (toast.dataset.level === "error") return;
    let timer = setTimeout(() => toast.remove(), LASTS);
    const wait = () => clearTimeout(timer);
    const go = () => (timer = setTimeout(() => toast.remove(), LASTS / 2));
    toast.addEventListener("pointerenter", wait);
    toast.addEventListener("focusin", wait);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusout", go);
  };
  const say = (text, level = "info") => {
    const place = area();
    const pattern = document.getElementById(`toast-${level}`) ?? document.getElementById("toast-info");
    if (!place || !pattern || !text) return;
    // The same error is shown once.
    if ([...place.children].some((toast) => toast.dataset.level === level && toast.querySelector("p")?.textContent === text)) return;
    const toast = pattern.content.firstElementChild.cloneNode(true);
    toast.querySelector("p").textContent = text;
    place.append(toast);
  };

  // What went well so far is no news any more once the page shows a rejection.
  const yieldToRejection = () => {
    if (!document.querySelector("main [data-rejected]")) return;
    for (const toast of document.querySelectorAll(".toast.good, .toast.info")) toast.remove();
  };
  document.addEventListener("htmx:afterSettle", yieldToRejection);

  document.addEventListener("DOMContentLoaded", () => {
    const place = area();
    if (!place) return;
    yieldToRejection();
    [...place.children].forEach(prepare);
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) if (node.nodeType === 1) prepare(node);
    }).observe(place, { childList: true });
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest(".toast .close");
    if (close) close.closest(".toast").remove();
  });

  // A view may answer with HX-Trigger: {"toast": {"text": "…", "level": "success"}}.
  document.addEventListener("toast", (event) => say(event.detail.text ?? event.detail.value, event.detail.level));

  // What the background asks may fail in silence: the live mark shows it.
  const byTick = (event) => event.detail.requestConfig?.triggeringEvent?.type === "tick";
  document.addEventListener("htmx:responseError", (event) => {
    if (byTick(event)) return;
    const words = area()?.dataset ?? {};
    const status = event.detail.xhr.status;
    const text = { 403: words.forbidden, 404: words.missing, 413: words.large, 429: words.often }[status] ?? words.failed;
    say(text, "error");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!byTick(event)) say(area()?.dataset.offline, "error");
  });
})();
