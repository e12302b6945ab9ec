// The palette (Ctrl or Cmd K): a combobox over what the server finds. The links in it are links; without this script
// the page of the same search does the work.
(() => {
  const dialog = () => document.getElementById("palette");
  const field = () => document.getElementById("palette-q");
  const options = () => [...dialog().querySelectorAll("[role=option]")];
  const chosen = () => dialog().querySelector("[role=option][aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    field().setAttribute("aria-expanded", String(options().length > 0));
    if (!option) return field().removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = options();
    const at = all.indexOf(chosen());
    choose(all[(at + step + all.length) % all.length]);
  };
  const open = () => {
    if (dialog().open) return dialog().close();
    if (document.querySelector("dialog[open]")) return;
    dialog().showModal();
    field().select();
    field().dispatchEvent(new Event("palette"));
  };

  document.addEventListener("palette:toggle", open);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
    } else if (event.target === dialog()) dialog().close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== field() || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      move(moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = chosen();
      if (!option) return;
      option.click();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "palette-found") choose(options()[0]);
  });
})();
