// Runs before the first paint, so that no page flashes in the wrong colours.
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const stored = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  };
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const tick = () => {
    for (const choice of document.querySelectorAll("input[name=theme]")) choice.checked = choice.value === stored();
  };

  show(stored());
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[name=theme]")) return;
    try {
      localStorage.setItem("theme", event.target.value);
    } catch {
      // Private windows keep nothing; the choice then lasts for this page.
    }
    show(event.target.value);
  });
  // Another tab chose differently.
  addEventListener("storage", (event) => {
    if (event.key === "theme") {
      show(stored());
      tick();
    }
  });
})();
