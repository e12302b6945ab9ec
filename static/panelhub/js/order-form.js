// The form of an order: fields that only some answers need. Without this script all of them are shown.
(() => {
  const show = (field, shown) => {
    field.closest(".field").parentElement.hidden = !shown;
    field.disabled = !shown;
  };
  const update = () => {
    for (const field of document.querySelectorAll("#order-form [data-when]")) {
      const [name, value] = field.dataset.when.split("=");
      show(field, value.split("|").includes(field.form.elements[name]?.value));
    }
    for (const box of document.querySelectorAll("#order-form [data-shows]")) {
      for (const name of box.dataset.shows.split(" ")) {
        const field = box.form.elements[name];
        if (field) show(field, box.checked);
      }
    }
  };
  // The clock of whoever schedules, unless they chose one before.
  const chooseZone = () => {
    const select = document.querySelector("#order-form [data-browser-zone]");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!select || select.value === zone || ![...select.options].some((option) => option.value === zone)) return;
    select.value = zone;
    select.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("change", update);
  document.addEventListener("DOMContentLoaded", chooseZone);
  document.addEventListener("DOMContentLoaded", update);
})();
