// The pause before an order leaves, counted down. The seconds come from the server, so a clock that is wrong here
// does not matter; at their end the button goes, and the page refreshes as it always does.
(() => {
  const ends = new WeakMap();

  const count = () => {
    for (const box of document.querySelectorAll("[data-countdown]")) {
      if (!ends.has(box)) ends.set(box, performance.now() + Number(box.dataset.countdown) * 1000);
      const left = Math.max(0, Math.ceil((ends.get(box) - performance.now()) / 1000));
      const word = box.querySelector("[data-left]");
      if (word && left < 120) word.textContent = word.dataset.left.replace("0", left);
      for (const form of box.querySelectorAll("form")) form.hidden = left === 0;
    }
  };
  document.addEventListener("DOMContentLoaded", count);
  document.addEventListener("htmx:afterSettle", count);
  setInterval(count, 500);
})();
