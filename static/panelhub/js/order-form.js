// The form of an order: fields that only some answers ask for. Without this script all of them are shown.
(() => {
  const update = () => {
    for (const field of document.querySelectorAll("#order-form [data-when]")) {
      const [name, value] = field.dataset.when.split("=");
      const asked = field.form.elements[name]?.value === value;
      field.closest(".field").parentElement.hidden = !asked;
      field.disabled = !asked;
    }
  };
  document.addEventListener("change", update);
  document.addEventListener("DOMContentLoaded", update);
})();
