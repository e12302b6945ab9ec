// The form of an order: fields that only some answers need. Without this script all of them are shown.
(() => {
  const show = (field, shown) => {
    field.closest(".field").parentElement.hidden = !shown;
    field.disabled = !shown;
  };
  const update = () => {
    for (const field of document.querySelectorAll("#order-form [data-when]")) {
      const [name, value] = field.dataset.when.split("=");
      show(field, field.form.elements[name]?.value === value);
    }
    for (const box of document.querySelectorAll("#order-form [data-shows]")) {
      for (const name of box.dataset.shows.split(" ")) {
        const field = box.form.elements[name];
        if (field) show(field, box.checked);
      }
    }
  };
  document.addEventListener("change", update);
  document.addEventListener("DOMContentLoaded", update);
})();
