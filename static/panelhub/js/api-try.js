// The documentation of the API: calls that its reader tries with a token of their own. The token never leaves this
// page but towards the API, and no cookie of the reader goes along.
(() => {
  const show = (box, text, tone) => {
    box.hidden = false;
    box.className = `code ${tone}`;
    box.textContent = text;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-try]")) return;
    if (event.defaultPrevented) return;
    event.preventDefault();
    const box = form.querySelector("[data-answer]");
    const token = document.getElementById("api-token");
    if (!token.value.trim()) {
      show(box, box.dataset.noToken, "bad");
      token.focus();
      return;
    }
    const call = new URLSearchParams({ key: token.value.trim() });
    for (const [name, value] of new FormData(form)) if (value !== "") call.append(name, value);
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      // The field named "action" hides the form's property of that name.
      const reply = await fetch(form.getAttribute("action"), { method: "POST", body: call, credentials: "omit", redirect: "error" });
      const text = await reply.text();
      let answer = text;
      let tone = reply.ok ? "good" : "bad";
      try {
        const read = JSON.parse(text);
        answer = JSON.stringify(read, null, 2);
        if (read && typeof read === "object" && "error" in read) tone = "bad";
      } catch {
        // What is no JSON is shown as it came.
      }
      show(box, `HTTP ${reply.status}\n${answer}`, tone);
    } catch {
      show(box, box.dataset.noAnswer, "bad");
    } finally {
      button.disabled = false;
    }
  });
})();
