// Small manners of every page: questions before what cannot be undone, copying, clean addresses.
(() => {
  const dialog = () => document.getElementById("confirm");

  // A question about many names how many: {n} is what the bar of chosen rows says, and one alone has words of its own.
  const worded = (source, name) => {
    const count = document.querySelector("[data-bulk-count]")?.textContent ?? "";
    return ((count === "1" && source.dataset[`${name}One`]) || source.dataset[name] || "").replace("{n}", count);
  };
  const ask = (source, text, then) => {
    const box = dialog();
    if (!box) return then();
    box.querySelector("[data-text]").textContent = text;
    for (const name of ["yes", "no"]) {
      const button = box.querySelector(`[data-${name}]`);
      button.textContent = worded(source, name) || button.dataset.label;
    }
    box.returnValue = "";
    box.onclose = () => {
      if (box.returnValue === "yes") then();
    };
    box.showModal();
  };

  // While the question stood there, its place may have refreshed itself. Then the button that stands there now is pressed;
  // where there is none, nothing is sent, and that is said.
  const sayGone = () => {
    const text = document.getElementById("toasts")?.dataset.missing;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
  };
  const formOfNow = (form) => (form.isConnected ? form : [...document.forms].find((other) => other.action === form.action));
  const buttonOfNow = (form, button) =>
    button && [...form.elements].find((other) => other.type === "submit" && other.name === button.name && other.value === button.value);

  // A cut text shows in a title, made when it is pointed at: in every row it would double the page.
  document.addEventListener("pointerover", (event) => {
    const cut = event.target.closest?.(".clip:not([title])");
    if (cut) cut.title = cut.textContent.trim();
  });

  // hx-confirm and, on plain forms and buttons, data-confirm.
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const source = event.target;
    ask(source, event.detail.question, () => (source.isConnected ? event.detail.issueRequest(true) : sayGone()));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const source = event.submitter?.dataset.confirm ? event.submitter : form;
    const question = worded(source, "confirm");
    if (!question || form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    ask(source, question, () => {
      const now = formOfNow(form);
      const button = now && buttonOfNow(now, event.submitter);
      if (!now || (event.submitter && !button)) return sayGone();
      now.dataset.confirmed = "1";
      now.requestSubmit(button);
    });
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-again]")) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 1500);
    } catch {
      // Without https there is no clipboard; the text can still be selected.
    }
  });

  // A sheet of filters stays open while the list below it changes.
  let sheetIsOpen = false;
  document.addEventListener("htmx:beforeSwap", () => {
    sheetIsOpen = Boolean(document.querySelector(".narrowing:popover-open"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (sheetIsOpen) document.querySelector(".narrowing[popover]:not(:popover-open)")?.showPopover();
    sheetIsOpen = false;
  });

  // Filters that are empty do not belong in an address that people share.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.closest("[data-clean]") || event.detail.verb !== "get") return;
    for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  // What was typed before the scripts were there, or was put back by the browser, is heard as if it was typed now.
  document.addEventListener("DOMContentLoaded", () => {
    for (const field of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea"))
      if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // The chosen tab is in sight, however many stand before it on a narrow screen.
  const showTab = () => {
    for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
      const bar = tab.parentElement.getBoundingClientRect(), box = tab.getBoundingClientRect();
      if (box.left < bar.left || box.right > bar.right)
        tab.parentElement.scrollLeft += box.left - bar.left - (bar.width - box.width) / 2;
    }
  };
  document.addEventListener("DOMContentLoaded", showTab);
  document.addEventListener("htmx:afterSettle", showTab);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  // Opening a popover menu moves nothing; closing the side after a choice does.
  document.addEventListener("click", (event) => {
    if (event.target.closest(".side a")) document.querySelector(".side:popover-open")?.hidePopover();
  });
})();
